# Waarom nu, later of nooit wordt opgeroepen
contract-page-at-once = Direct opgeroepen: dat vraagt het contract dag en nacht.
contract-page-p1-at-once = Direct opgeroepen: bij P1 wordt dag en nacht een engineer gebeld.
contract-page-open = Direct opgeroepen: de servicedesk is open.
contract-page-at-opening = De oproep wacht tot de servicedesk opent, { $opening }: buiten de servicetijden roept het contract alleen op bij P1.
contract-page-service-hours = De oproep wacht op de servicetijden, { $opening }: daarbuiten roept het contract niemand op.
contract-page-mild-never = Geen oproep: bij deze ernst volstaat een ticket.
contract-page-forecast-never = Geen oproep: dit is een voorspelling en de schade wordt niet voor { $harm } verwacht.
contract-page-forecast-at-opening = De oproep wacht tot de servicedesk opent, { $opening }: de voorspelde schade laat daar tijd voor.
contract-page-forecast-imminent = Direct opgeroepen: de voorspelde schade kan komen voordat de servicedesk er tijd voor heeft.
contract-calendar-unreadable = De kalender van het contract is onleesbaar; de servicedesk geldt daarom als altijd open. Corrigeer de kalender.

# Waarom niets wordt gemeld
contract-none = De klant heeft geen contract.
contract-not-started = Het contract gaat in op { $day_on }.
contract-ended = Het contract eindigde op { $day_on }.
contract-no-rmm = De klant heeft geen monitoring op afstand (RMM).
contract-no-courtesy = De klant heeft geen monitoring op afstand (RMM) en wil geen attenderingen.

# Dagen die afwijken van de week
contract-holiday-new-year = Nieuwjaarsdag
contract-holiday-easter-sunday = Eerste paasdag
contract-holiday-easter-monday = Tweede paasdag
contract-holiday-kings-day = Koningsdag
contract-holiday-liberation-day = Bevrijdingsdag
contract-holiday-ascension = Hemelvaartsdag
contract-holiday-whit-sunday = Eerste pinksterdag
contract-holiday-whit-monday = Tweede pinksterdag
contract-holiday-christmas-day = Eerste kerstdag
contract-holiday-second-christmas-day = Tweede kerstdag
contract-closed-day = Gesloten
contract-short-day = Open { $from }-{ $to }

# Een contract in woorden
contract-term-rmm-at-once = RMM: incidenten worden gemeld; een engineer wordt dag en nacht opgeroepen.
contract-term-rmm-p1-at-once = RMM: incidenten worden gemeld; een engineer wordt bij P1 dag en nacht opgeroepen, bij P2 bij opening.
contract-term-rmm-service-hours = RMM: incidenten worden gemeld; een engineer wordt alleen binnen de servicetijden opgeroepen.
contract-term-no-rmm = Geen RMM: alleen inventaris, er worden geen incidenten gemeld.
contract-term-hours-always = Wordt dag en nacht opgepakt.
contract-term-hours-day =
    Wordt opgepakt { $first ->
        [workdays] op werkdagen
        [every-day] elke dag
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } { $from }-{ $to }.
contract-term-hours-days =
    Wordt opgepakt { $first ->
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } t/m { $last ->
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } { $from }-{ $to }.
contract-term-no-extended = Geen verruimde openingstijden.
contract-term-extended-day =
    Verruimde openingstijden { $first ->
        [workdays] op werkdagen
        [every-day] elke dag
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } { $from }-{ $to }.
contract-term-extended-days =
    Verruimde openingstijden { $first ->
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } t/m { $last ->
        [mon] maandag
        [tue] dinsdag
        [wed] woensdag
        [thu] donderdag
        [fri] vrijdag
        [sat] zaterdag
       *[sun] zondag
    } { $from }-{ $to }.
contract-term-holidays-nl = Gesloten op Nederlandse feestdagen.
contract-term-holidays-none = Feestdagen zijn gewone dagen.
contract-term-on-site = Op locatie { $hours } uur per maand ({ $rhythm }).
contract-term-no-on-site = Geen uren op locatie.
contract-term-courtesy-none = Feiten die gegevens bedreigen worden niet gemeld.
contract-term-courtesy-monthly = Feiten die gegevens bedreigen worden eens per maand gemeld.
contract-term-courtesy-at-once = Feiten die gegevens bedreigen worden direct gemeld, per mail.
contract-term-runs = Loopt vanaf { $start_on }; minimale looptijd tot en met { $minimum_on }, daarna per maand.
contract-term-notice = Opzegging ontvangen { $received_on }, verwerkt uiterlijk { $processed_on }: voorgesteld einde { $end_on }, nog te bevestigen.
contract-term-ends = Eindigt { $end_on }, bevestigd.
