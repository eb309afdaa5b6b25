# Zinnen van de console. Namen komen van machines en mensen en staan er zoals ze zijn.

# Kader
console-skip = Naar de inhoud
console-navigation = Navigatie
console-incidents = Incidenten
console-hosts = Hosts
console-customers = Klanten
console-deliveries = Berichten
console-wall = Wandscherm
console-audit = Auditlog
console-sign-out = Afmelden
console-search = Zoeken
console-search-incidents = Zoek op zin, klant, host…
console-search-hosts = Zoek op naam, serienummer, model, klant…
console-filter = Filters
console-apply = Toepassen
console-more = Toon de volgende
console-yes = ja
console-no = nee
console-keys = Toetsen
console-key-search = Zoeken
console-key-move = Door de lijst gaan
console-key-open = De gekozen regel openen
console-done = Klaar

# Aanmelden
console-sign-in = Aanmelden
console-sign-in-name = Naam
console-sign-in-password = Wachtwoord
console-sign-in-refused = Naam en wachtwoord horen niet bij elkaar.
console-sign-in-wait = Te veel pogingen. Wacht een halve minuut en probeer het opnieuw.
console-sign-in-help = Accounts worden op de machine van de collector zelf gemaakt:

# Als een pagina niet kan worden getoond
console-error-absent = Hier is niets
console-error-absent-help = Het bestaat niet, of het hoort bij een klant die u niet ziet.
console-error-forbidden = Dat is niet aan u
console-error-forbidden-help = Uw account mag dit niet, of het verzoek kwam niet van een pagina van deze console.
console-error-conflict = Het is intussen veranderd
console-error-conflict-help = Iemand of iets was eerder. Ga terug en kijk hoe het nu staat.
console-error-busy = Iemand anders vraagt iets op
console-error-busy-help = Het verleden van een machine wordt voor één vraag tegelijk opgezocht. Probeer het zo meteen opnieuw.
console-error-invalid = Dat verzoek is niet te lezen
console-error-invalid-help = Er ontbreekt iets, het is te groot of heeft een verkeerde vorm. Ga terug en probeer het opnieuw.
console-error-failed = De collector kon dit niet doen
console-error-failed-help = Er is niets veranderd. De reden staat in het log van de collector; probeer het zo nog eens.

# Aanwezigheid
console-presence = Aanwezigheid
console-presence-all = alle
console-presence-online = online
console-presence-goodbye = afgemeld
console-presence-silent = stil
console-presence-unseen = nog niet gehoord
console-presence-quarantined = in quarantaine
console-presence-pending = wacht op goedkeuring
console-presence-revoked = ingetrokken
console-presence-24h = De laatste 24 uur
console-since = sinds { $name }
console-ago = { $name } geleden
console-back-by = terug om { $name }
console-goodbye-service-stop = de agent is gestopt
console-goodbye-shutdown = uitgezet
console-goodbye-sleep = slaapt
console-goodbye-update-reboot = herstart voor updates

# De lijst van incidenten
console-view-now = heeft nu iemand nodig
console-view-open = alle open
console-view-waiting = wacht op servicetijd
console-view-predicted = voorspeld
console-view-mine = van mij
console-view-silenced = stilgezet
console-view-ended = afgelopen
console-by-customer = per klant
console-customer-any = elke klant
console-severity = Ernst
console-what = Wat
console-where = Waar
console-pick-up-by = Oppakken voor
console-owner = Eigenaar
console-nobody = niemand
console-due-now = nu
console-open-for = al { $name } open
console-silenced-until = stilgezet tot { $name }
console-fresh = nieuw, toon ze
console-incidents-none = Hier heeft niets iemand nodig
console-incidents-none-help = Elke host wordt bij elk rapport beoordeeld. Wat opduikt staat hier meteen, zonder herladen.
console-back-to-list = Terug naar de lijst
console-detail = Het gekozen incident

# Eén incident
console-state-open = open
console-state-acknowledged = opgepakt
console-state-resolved = opgelost
console-state-closed = gesloten
console-deadline = Verwacht
console-next-step = Volgende stap.
console-acknowledge = Oppakken
console-silence = Stilzetten
console-not-useful = Niet nuttig
console-close = Sluiten
console-reason = Reden
console-until = Tot
console-until-opening = de desk weer opengaat
console-hours = { $n ->
    [one] 1 uur
   *[other] { $n } uur
    }
console-days = { $n ->
    [one] 1 dag
   *[other] { $n } dagen
    }
console-judge-too-early = Te vroeg
console-judge-wrong = Onjuist
console-judge-known = Al bekend
console-judge-not-ours = Niet voor ons
console-moments = Ticket, oproep en klok
console-moment-ticket = Ticket gemaakt
console-moment-page = Engineer opgeroepen
console-moment-due = Oppakken voor
console-moment-never = nooit
console-moment-paged = opgeroepen { $name }
console-why = Waarom
console-mark-opened = geopend
console-folded = Hosts in dit incident
console-peers = Andere hosts van de locatie
console-similar = Ook open op deze locatie
console-processes = Grootste processen
console-process = Proces
console-memory = Geheugen
console-changes-72h = Veranderd in de 72 uur ervoor
console-changes-72h-none = Er veranderde niets in de inventaris.
console-timeline = Tijdlijn
console-facts = Feiten
console-fact-state = Stand
console-fact-owner = Eigenaar
console-fact-since = Toestand sinds
console-fact-opened = Geopend
console-fact-clear-since = Weer goed sinds
console-fact-ended = Afgelopen
console-fact-silenced = Stilgezet tot
console-fact-flaps = Kwam terug
console-fact-billable = Per uur berekend
console-fact-rule = Monitor
console-fact-id = Incident

# Kaarten van locaties
console-site-card = Locatie
console-card-contact = Contact
console-card-line = Internetlijn
console-card-fault-desk = Storingsdienst
console-card-address = Adres
console-card-access = Toegang
console-card-empty = De kaart van deze locatie is nog leeg.

# Veranderingen
console-when = Wanneer
console-change = Verandering
console-changes = Veranderingen
console-change-added = erbij
console-change-removed = weg
console-change-changed = veranderd
console-changes-none = Er is nog niets veranderd
console-changes-none-help = Elk verschil tussen twee inventarissen staat hier, met wat het eerst was.

# Hosts
console-host = Host
console-hosts-none = Nog geen hosts
console-hosts-none-help = Een host staat hier seconden nadat zijn agent is aangemeld. Het token weet bij welke klant en locatie hij hoort.
console-hosts-no-match = Geen host voldoet
console-hosts-all = Toon alle hosts
console-enrol = Een host hier aanmelden
console-enrol-customer = Op de collector, eenmaal per klant:
console-enrol-token = Op de collector, voor een token dat zeven dagen geldt:
console-enrol-host = Op de machine die bewaakt wordt, met dat token:
console-heard = Gehoord
console-role-server = server
console-role-workstation = werkplek
console-host-model = Model
console-host-serial = Serienummer
console-host-system = Besturingssysteem
console-host-role = Rol
console-host-agent = Agent
console-host-enrolled = Aangemeld
console-host-report = Nieuwste rapport
console-host-interval = Rapporteert elke
console-host-incidents-none = Nog geen incident op deze host
console-pending-help = Meer hosts dan verwacht gebruikten dit token. Van deze host wordt niets bewaard tot iemand hem toelaat.
console-approve = Deze host toelaten
console-charts = Grafieken
console-charts-none = Geen metingen van de laatste 24 uur
console-charts-none-help = De eerste komen met het volgende rapport van de host.
console-chart-cpu = Processor
console-chart-memory = Geheugen
console-chart-filesystem = Bestandssystemen
console-chart-disk-io = Schijfverkeer
console-chart-disk-busy = Schijf bezet
console-chart-network = Netwerkverkeer
console-chart-load = Belasting, vijf minuten
console-chart-paging = Swap in gebruik

# Inventaris
console-inventory = Inventaris
console-first-seen = eerst gezien
console-items-none = Niets van deze soort
console-items-none-help = De agent heeft er geen gemeld, of het onderdeel is nog niet binnen.
console-class-computer = computer
console-class-cpu = processor
console-class-memory = geheugen
console-class-disk = schijf
console-class-array = schijfarray
console-class-volume = bestandssysteem
console-class-operating-system = besturingssysteem
console-class-software = software
console-class-interface = netwerkinterface
console-class-user = account
console-class-group = groep
console-class-service = dienst
console-class-update = updates
console-class-disk-health = schijfgezondheid
console-class-controller = schijfcontroller
console-class-neighbour = buurapparaat
console-class-port = open poort
console-class-certificate = certificaat
console-class-scheduled-job = geplande taak
console-class-pending-update = wachtende update
console-class-backup-job = back-uptaak
console-class-container = container
console-class-virtual-machine = virtuele machine
console-class-battery = accu
console-class-display = beeldscherm
console-class-printer = printer
console-class-usb-device = USB-apparaat
console-class-security-product = beveiligingsproduct
console-class-remote-tool = programma voor beheer op afstand

# Eén onderdeel, toen en nu
console-item-present = aanwezig
console-item-gone = weg sinds { $name }
console-item-at = Zoals op
console-item-then = zoals het was op { $name }
console-item-not-then = Het was er niet op { $name }
console-item-there = Wanneer het er was
console-item-identity = Te herkennen aan
console-item-config = Ingericht als
console-item-volatile = Op dit moment
console-relations = Relaties
console-relation-located-at = staat in
console-relation-location-of = is de plaats van
console-relation-component-of = is een deel van
console-relation-has-component = heeft als deel
console-relation-installed-on = staat op
console-relation-has-installed = heeft
console-relation-member-of = is lid van
console-relation-has-member = heeft als lid
console-relation-runs-on = draait op
console-relation-carries = draagt
console-relation-connected-to = is aangesloten op
console-relation-has-connected = heeft aangesloten
console-relation-supersedes = kwam in de plaats van
console-relation-superseded-by = werd vervangen door

# Tussen twee dagen
console-diff = Verschillen
console-diff-from = Van
console-diff-to = tot en met
console-diff-none = Er is geen verschil tussen deze dagen
console-diff-none-help = Wat veranderde en weer terugveranderde telt niet; het tabblad met veranderingen toont elke stap.
console-diff-long = Er is sindsdien te veel veranderd: kies één soort of een latere dag.

# Wie heeft wat
console-find = Wie heeft wat
console-search-software = Zoek een pakket: openssl <3.0.5, nginx*…
console-find-software = pakket, of het begin ervan*
console-find-version = versie: 3.0.5, 3.0*, <3.0.5
console-find-disk = model van een schijf, of het begin*
console-find-administrators = Accounts met beheerdersrechten
console-find-any = Elke soort en elk veld
console-find-value = Waarde
console-find-empty = Wie heeft welk pakket, welke schijf of welk account?
console-find-empty-help = Een ster staat voor de rest van een woord. Versies worden vergeleken zoals hun pakketbeheer dat doet.
console-find-none = Niemand heeft dit
console-find-none-help = Alleen wat er nu is wordt doorzocht, op hosts die niet zijn ingetrokken.
console-find-several = Vraag één ding tegelijk.
console-find-long = Dat is te lang om op te zoeken.
console-find-class = Zo'n soort is er niet.
console-find-version-unread = Een versie hoort bij een pakket: 3.0.5, 3.0* of <3.0.5.
console-find-field-unread = Een waarde hoort bij een veld, en een veld heeft kleine letters, cijfers en liggende streepjes.

# Export
console-export = Meenemen
console-export-class = Deze soort, alle hosts van de klant (CSV)
console-export-glpi = GLPI-inventaris
console-export-cyclonedx = CycloneDX (SBOM)
console-export-hosts = Alle hosts meenemen (CSV)

# Grootboek
console-ledger = Grootboek
console-ledger-help = Alles wat de agent verzamelde is hier bewaard, wacht nog op de host, of is om een genoemde reden opgegeven.
console-ledger-none = Er is nog geen grootboek binnen
console-ledger-balanced = in balans
console-ledger-unbalanced = niet in balans
console-ledger-unexplained = { $n ->
    [one] 1 rapport ontbreekt zonder reden
   *[other] { $n } rapporten ontbreken zonder reden
    }
console-ledger-collected = Verzameld
console-ledger-stored = Bewaard
console-ledger-spooled = Op de host
console-ledger-dropped = Opgegeven: { $name }
console-ledger-reports = Rapporten
console-ledger-samples = Metingen
console-ledger-sections = Onderdelen
console-ledger-events = Gebeurtenissen
console-ledger-sequence = Tot en met rapport

# Klanten
console-customer = Klant
console-contract = Contract
console-contract-none = Geen contract
console-sites = Locaties
console-sites-none = Nog geen locaties
console-customers-none = Nog geen klanten
console-customers-none-help = Klanten, hun locaties en hun contracten worden op de collector vastgelegd:
console-intake = intake
console-notice = Opzegging
console-notice-today = Als vandaag werd opgezegd:
console-notice-to-confirm = Er is opgezegd. Niets eindigt tot een mens de datum bevestigt.
console-notice-is-confirmed = Er is opgezegd en het einde is bevestigd.
console-notice-received = Ontvangen
console-notice-processed = Verwerkt op
console-notice-month = Volle maand vanaf
console-notice-minimum = Minimumduur tot en met
console-notice-end = Eindigt op
console-notice-confirmed = Bevestigd einde
console-month = Deze maand
console-month-opened = Geopend
console-month-resolved = Opgelost
console-month-closed = Door mensen gesloten
console-month-live = Nog open

# Berichten
console-destination = Bestemming
console-attempts = Pogingen
console-redeliver = Opnieuw sturen
console-deliveries-none = Hier is niets
console-deliveries-none-help = Elk incident wordt aan de bestemmingen van de configuratie verteld; wat blijvend mislukt wacht hier op een mens.
console-deliveries-none-of = Er is niets verstuurd.
console-delivery-waiting = wacht
console-delivery-delivered = bezorgd
console-delivery-dead = opgegeven
console-delivery-cancelled = niet meer nodig
console-kind-opened = Geopend
console-kind-updated = Gewijzigd
console-kind-acknowledged = Opgepakt
console-kind-resolved = Opgelost
console-kind-closed = Gesloten
console-kind-page = Oproep
console-kind-courtesy = Attentiebericht

# Het wandscherm
console-wall-oldest = oudste niet opgepakt
console-wall-breaching = moet binnen het uur
console-wall-dead = { $n ->
    [one] 1 bericht kon niet worden bezorgd
   *[other] { $n } berichten konden niet worden bezorgd
    }
console-wall-more = { $n ->
    [one] en nog 1
   *[other] en nog { $n }
    }
console-wall-as-of = stand van
console-wall-stale = Al een halve minuut geen bericht van de collector: dit is oud

# Audit
console-audit-none = Er is nog niets gedaan
console-who = Wie
console-act = Handeling
console-subject = Waarop
console-outcome = Uitkomst

# Welke machine is welke
console-duplicates = Vraagt een besluit
console-duplicate-newer = Nieuwere host
console-duplicate-older = Oudere host
console-duplicate-matched = Gelijk
console-duplicate-contradicting = Verschillend
console-duplicate-same-machine = Deze twee hosts zijn misschien één machine
console-duplicate-moved = Deze machine was van een andere klant
console-duplicate-clone = Twee machines gebruiken één identiteit: een gekopieerde agent of een teruggezet image
console-duplicate-rewound-spool = De agent kwam ouder terug dan hij was: een teruggezet image
console-duplicate-two-contents = Twee machines gebruiken één identiteit: één rapport kwam met twee inhouden
console-duplicate-replaced-key = De machine is opnieuw aangemeld, en haar vorige sleutel is nog in gebruik
console-duplicate-advice-same-machine = Voeg ze samen als de oudere machine weg is of opnieuw is geïnstalleerd; de nieuwere host toont dan de geschiedenis van beide.
console-duplicate-advice-moved = Trek de oudere host in als de machine echt verhuisd is. Wat van de ene klant is, gaat nooit op in een host van een andere.
console-duplicate-advice-clone = Geen van beide machines rapporteert nu. Stop op de kopie de agent, voer wacht-agent prepare-image uit en meld haar aan met een eigen token. Geef de host daarna terug aan de andere.
console-duplicate-merge = Eén machine: voer de oudere host af
console-duplicate-dismiss = Twee machines
console-duplicate-seen = Gezien
console-duplicate-give-back = Er is er nog maar één: geef de host terug
console-merged-into = Deze host is opgegaan in
console-mark-uuid = UUID
console-mark-serial = serienummer
console-mark-board-serial = serienummer van het moederbord
console-mark-chassis-serial = serienummer van de behuizing
console-mark-disk-serial = serienummer van een schijf
console-mark-product = model
console-mark-board-product = model van het moederbord
console-mark-mac = netwerkadres
console-mark-machine-id = machine-id
console-mark-name = naam
console-mark-container = container
