# Zinnen over wat mensen opgeven, dekking en nulmetingen. Namen komen van machines en mensen en staan zoals ze zijn.

declare-title = Opgegeven
declare-class = Soort
declare-class-any = elke soort
declare-site-any = elke locatie
declare-state-any = elke toestand
declare-export = Tabel meenemen (CSV)
declare-import = Tabel inbrengen (CSV)
declare-add = Item toevoegen
declare-none = Hier heeft nog niemand iets opgegeven
declare-none-help = Internetlijnen, firewalls, licenties en andere dingen zonder agent worden door mensen opgegeven, net als de eigenaar of de garantie van een machine.
declare-by-people = Opgegeven door mensen
declare-agent = Gezien door de agent
declare-said-none = Over dit item heeft nog niemand iets opgegeven.
declare-conflicts = tegenspraak
declare-conflicts-help = Mensen en agent zeggen iets anders over hetzelfde feit. Geen van beide overschrijft de ander: verbeter wat niet klopt.
declare-field = Veld
declare-change = Wijzigen
declare-new-field = Nog een veld
declare-new-value = De waarde
declare-save = Bewaren
declare-move = Toestand wijzigen
declare-replace = Vervangen
declare-replace-by = Door
declare-replace-help = De persoon, het belang, notities en open incidenten gaan over op het nieuwe item, en dit gaat uit dienst. Serienummer, aankoop en garantie blijven bij het ding zelf.
declare-history = Geschiedenis
declare-history-none = Er is nog niets gewijzigd.
declare-import-help = Plak een tabel met een kopregel, gescheiden door komma's of puntkomma's. Eerst is te zien wat die zou doen. Een lege cel neemt een waarde weg; een kolom die ontbreekt laat de waarden met rust. Vrije velden zijn kolommen zoals field.rack.
declare-import-table = Tabel
declare-import-preview = Laat zien wat dit zou doen
declare-import-accept = Alles toepassen
declare-import-accept-help = Dit wordt in zijn geheel toegepast of helemaal niet.
declare-import-stays = Er wordt niets toegepast: er zijn rijen geweigerd, of er verandert niets.
declare-line = Regel
declare-row-new = nieuw
declare-row-changed = gewijzigd
declare-row-unchanged = ongewijzigd
declare-row-refused = geweigerd
declare-coverage = Dekking
declare-coverage-choose = Kies een klant
declare-coverage-help = De dekking zegt van elk onderdeel of het in de CMDB en onder contract staat, en welke apparaten worden gezien die niemand kent.
declare-unknown = Gezien, en nergens opgeschreven
declare-unknown-none = Hosts zien geen apparaat dat de CMDB niet kent.
declare-seen-by = Gezien door
declare-router = router
declare-made-up = verzonnen adres
declare-components = Onderdelen
declare-components-none = Er zijn nog geen onderdelen.
declare-watched = bewaakt (RMM)
declare-not-reporting = agent meldt zich niet
declare-standing-covered = in CMDB en contract
declare-standing-missing = onder contract, zoek
declare-standing-no-inventory = onder contract, nog niets verteld
declare-standing-no-contract = geen contract
declare-standing-not-started = contract nog niet begonnen
declare-standing-ended = contract beëindigd
declare-standing-pending = host wacht op goedkeuring
declare-standing-quarantined = host in quarantaine
declare-standing-revoked = host ingetrokken
declare-standing-not-in-service = niet in dienst
declare-baseline = Nulmeting
declare-baselines = Nulmetingen
declare-baseline-fixed = Toestand zoals opgeschreven op
declare-baseline-fix = Huidige toestand vastleggen
declare-baseline-none = De toestand van deze locatie is nog niet opgeschreven
declare-baseline-help = Een nulmeting legt vast wat er is voordat de ondersteuning begint. Eerdere blijven bewaard.
declare-drift = Afwijkingen
declare-drift-none = Er is niets afgeweken sinds de nulmeting
declare-drift-counted = Geteld: wat door updates, diensten en adresuitgifte vanzelf veranderde
declare-sign-customer = Voor de klant
declare-sign-desk = Voor de servicedesk
declare-class-internet-line = internetlijn
declare-class-firewall = firewall
declare-class-network-device = netwerkapparaat
declare-class-saas-tenant = SaaS-tenant
declare-class-licence = licentie
declare-class-domain-name = domeinnaam
declare-class-phone-system = telefooncentrale
declare-class-spare = reserve
declare-class-printer-device = printer in het netwerk
declare-class-ups = UPS
declare-class-other = overig
declare-state-ordered = besteld
declare-state-spare = op voorraad
declare-state-active = in gebruik
declare-state-missing = zoek
declare-state-retired = buiten dienst
declare-state-disposed = afgevoerd
declare-choice-low = laag
declare-choice-normal = gewoon
declare-choice-high = hoog
declare-choice-critical = kritiek
declare-choice-yes = ja
declare-choice-no = nee
declare-choice-partly = deels
declare-field-name = Naam
declare-field-site = Locatie
declare-field-state = Toestand
declare-field-state-since = Sinds
declare-field-supersedes = Kwam in de plaats van
declare-field-superseded-by = Is vervangen door
declare-field-owner = Eigenaar
declare-field-criticality = Belang
declare-field-solvable-remotely = Op afstand op te lossen
declare-field-manufacturer = Fabrikant
declare-field-model = Model
declare-field-serial = Serienummer
declare-field-mac = Hardware-adres
declare-field-address = Adres
declare-field-reference = Kenmerk
declare-field-supplier = Leverancier
declare-field-purchased-on = Gekocht op
declare-field-warranty-ends-on = Garantie tot
declare-field-note = Notitie
declare-parts = { $n ->
    [one] 1 onderdeel
   *[other] { $n } onderdelen
    }
declare-drift-with = { $n ->
    [one] met 1 onderdeel
   *[other] met { $n } onderdelen
    }
declare-drift-unchanged = { $n ->
    [one] 1 onderdeel is zoals het was.
   *[other] { $n } onderdelen zijn zoals ze waren.
    }
declare-left-out = { $n ->
    [one] Nog 1 rij wordt niet getoond; de API geeft alles.
   *[other] Nog { $n } rijen worden niet getoond; de API geeft alles.
    }
