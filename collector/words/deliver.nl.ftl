# Mail over incidenten. Teksten in argumenten komen van machines en mensen en worden getoond zoals ze zijn.
deliver-subject-opened = [{ $severity }] { $place }: { $title }
deliver-subject-updated = [{ $severity }] { $place }, gewijzigd: { $title }
deliver-subject-acknowledged = [{ $severity }] { $place }, opgepakt: { $title }
deliver-subject-resolved = [{ $severity }] { $place }, opgelost: { $title }
deliver-subject-closed = [{ $severity }] { $place }, gesloten: { $title }
deliver-subject-page = [{ $severity }] Oproep voor { $place }: { $title }
deliver-subject-courtesy = Ter attentie, { $place }: { $title }
deliver-title-unknown = incident
deliver-place-unknown = onbekende host
deliver-severity-unknown = P?

deliver-moment = { $at }

deliver-customer = Klant
deliver-site = Vestiging
deliver-host = Host
deliver-severity = Prioriteit
deliver-state = Status
deliver-opened-at = Gemeld
deliver-due-at = Oppakken vóór
deliver-page-at = Engineer gebeld
deliver-why = Waarom dan
deliver-ended-at = Geëindigd
deliver-acknowledged-by = Opgepakt door
deliver-last-event = Laatste gebeurtenis
deliver-deadline = Uiterste moment

deliver-state-open = open
deliver-state-acknowledged = opgepakt
deliver-state-resolved = opgelost
deliver-state-closed = gesloten

deliver-reason = Waarom dit gemeld is
deliver-caveat = Let op
deliver-next-step = Volgende stap
deliver-evidence = Wat er gemeten is
deliver-hosts = Hosts
deliver-changes = Wat daar onlangs veranderd is
deliver-site-card = De vestiging
deliver-address = Adres
deliver-line = Internetlijn
deliver-fault-desk = Storingsnummer
deliver-access = Toegang
deliver-contact = Contact
deliver-link = Openen in Wacht
deliver-footer = Verstuurd door Wacht. Antwoorden op deze mail worden niet gelezen.
