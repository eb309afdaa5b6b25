# Zinnen van monitors en van het verloop van incidenten. Namen van objecten komen van machines en staan er zoals ze zijn.

# Waarom iets over is, voor elke monitor
judge-clear-vanished = { $object } is er niet meer.
judge-clear-retired = Dit wordt hier niet meer bewaakt.

# disk_space
judge-disk-space-title = { $object } is { $utilization } vol, nog { $available } vrij
judge-disk-space-reason = Sinds { $since } is er zoveel van { $object } in gebruik dat er weinig ruimte over is: { $utilization } van { $size }, { $available } vrij. Is het vol, dan kunnen programma's er niet meer schrijven.
judge-disk-space-next = Zoek wat er de laatste tijd op { $object } is gegroeid en ruim op, of vergroot het volume. Kijk eerst naar logboeken, oude pakketten en back-ups.
judge-disk-space-clear = { $object } heeft weer ruimte: { $utilization } in gebruik, { $available } vrij.

# disk_space_workstation
judge-disk-space-workstation-title = { $object } is { $utilization } vol, nog { $available } vrij
judge-disk-space-workstation-reason = Sinds { $since } is er bijna geen ruimte meer op { $object }: { $available } vrij van { $size }. Zonder ruimte werken updates en programma's niet meer.
judge-disk-space-workstation-next = Vraag de gebruiker wat er weg kan, leeg downloads en prullenbak, verwijder oude updatebestanden.
judge-disk-space-workstation-clear = { $object } heeft weer ruimte: { $available } vrij.

# disk_full_forecast
judge-disk-full-forecast-title = { $object } is vol rond { $likely }
judge-disk-full-forecast-reason = { $object } groeit met { $growth } per dag en is nu { $utilization } vol, nog { $available } vrij. In dit tempo is het vol rond { $likely }, tussen { $earliest } en { $latest }.
judge-disk-full-forecast-next = Zoek wat er op { $object } groeit, en ruim op of vergroot het volume vóór { $earliest }.
judge-disk-full-forecast-caveat = Dit is een voorspelling uit { $history } groei. Opruimen, of groei die stopt, maakt haar onwaar; een plotselinge stoot maakt dat het eerder komt.
judge-disk-full-forecast-clear = { $object } groeit niet meer naar vol; { $utilization } is in gebruik.

# inodes
judge-inodes-title = { $object } heeft { $utilization } van zijn inodes in gebruik
judge-inodes-reason = Sinds { $since } zijn de inodes van { $object } bijna op: { $utilization } in gebruik. Het weigert dan nieuwe bestanden, ook als er ruimte over is.
judge-inodes-next = Zoek de map met heel veel kleine bestanden (sessies, caches, mailwachtrijen) en ruim die op.
judge-inodes-clear = { $object } heeft weer inodes: { $utilization } in gebruik.

# memory_pressure
judge-memory-pressure-title = Geheugen is bijna op: { $available } van { $size } beschikbaar
judge-memory-pressure-reason = Sinds { $since } krijgen programma's bijna geen geheugen meer: { $utilization } is bezet, { $available } beschikbaar. De machine wordt traag en beëindigt misschien programma's.
judge-memory-pressure-next = Kijk welk proces het geheugen neemt en sinds wanneer. Herstart wat lekt, begrens het, of breid het geheugen uit.
judge-memory-pressure-clear = Er is weer geheugen: { $available } beschikbaar.

# cpu_saturation
judge-cpu-saturation-title = De processors zijn verzadigd: { $utilization } bezet, belasting { $load } op { $processors }
judge-cpu-saturation-reason = Sinds { $since } zijn de processors { $utilization } bezet en loopt werk op: belasting { $load } op { $processors } processors.
judge-cpu-saturation-next = Kijk welk proces bezig is en of dat op dit uur zijn gewone werk is.
judge-cpu-saturation-clear = De processors hebben weer tijd: { $utilization } bezet.

# unit_failed
judge-unit-failed-title = Dienst { $object } is mislukt
judge-unit-failed-reason = Sinds { $since } staat { $object } ({ $description }) op mislukt. Resultaat van de laatste keer: { $result }.
judge-unit-failed-next = Lees de laatste regels van het logboek, verhelp de oorzaak en start { $object } weer.
judge-unit-failed-clear = Dienst { $object } is niet meer mislukt.

# service_stopped
judge-service-stopped-title = Dienst { $object } is gestopt
judge-service-stopped-reason = { $object } ({ $description }) start vanzelf en draaide, maar staat stil sinds { $since }.
judge-service-stopped-next = Zoek uit wie of wat { $object } heeft gestopt. Start de dienst weer, of zet het automatisch starten uit als die niet meer nodig is.
judge-service-stopped-clear = Dienst { $object } is weer zoals het hoort.

# reboot_pending
judge-reboot-pending-title = Herstart voor updates nodig sinds { $since }
judge-reboot-pending-reason = Updates wachten sinds { $since } op een herstart van deze server. Tot dan beschermen ze niet. Reden: { $reboot_reason }; pakketten: { $packages }.
judge-reboot-pending-next = Plan een herstart met de klant.
judge-reboot-pending-clear = Er is geen herstart meer nodig.

# reboot_pending_workstation
judge-reboot-pending-workstation-title = Herstart voor updates nodig sinds { $since }
judge-reboot-pending-workstation-reason = Updates wachten sinds { $since } op een herstart van dit werkstation. Tot dan beschermen ze niet. Reden: { $reboot_reason }; pakketten: { $packages }.
judge-reboot-pending-workstation-next = Vraag de gebruiker om te herstarten.
judge-reboot-pending-workstation-clear = Er is geen herstart meer nodig.

# array_degraded
judge-array-degraded-title = Schijfarray { $object } is { $state ->
        [failed] uitgevallen
       *[other] verzwakt
    }, { $redundancy_left ->
        [0] er mag geen schijf meer uitvallen
        [1] er mag nog één schijf uitvallen
       *[other] er mogen nog { $redundancy_left } schijven uitvallen
    }
judge-array-degraded-reason = Sinds { $since } draait array { $object } ({ $level }) op { $members_active } van { $members_expected } schijven. Uitgevallen: { $members_failed }. Schijven die nog mogen uitvallen zonder verlies van gegevens: { $redundancy_left }.
judge-array-degraded-next = Controleer eerst of de laatste back-up goed is. Vervang dan de uitgevallen schijf, op serienummer, en volg de herbouw.
judge-array-degraded-clear = Array { $object } is weer heel.

# disk_failing
judge-disk-failing-title = Schijf { $name } ({ $serial }) gaat stuk
judge-disk-failing-reason = Sinds { $since } zegt schijf { $name }, serienummer { $serial }, van zichzelf: oordeel { $verdict }, waarden onder hun drempel: { $failing_now }, NVMe-waarschuwingsbits: { $critical_warning }. Uren aan: { $power_on_hours }. Sectoren vervangen: { $reallocated_sectors }, wachtend: { $pending_sectors }. Reserve over: { $spare_percent } %.
judge-disk-failing-next = Controleer nu of de laatste back-up goed is en vervang dan de schijf, op serienummer. Belast haar niet eerst met een volledige scan.
judge-disk-failing-clear = Schijf { $name } ({ $serial }) zegt niet langer dat zij stukgaat.

# disk_failing_workstation
judge-disk-failing-workstation-title = Schijf { $name } ({ $serial }) gaat stuk
judge-disk-failing-workstation-reason = Sinds { $since } zegt schijf { $name }, serienummer { $serial }, van zichzelf: oordeel { $verdict }, waarden onder hun drempel: { $failing_now }, NVMe-waarschuwingsbits: { $critical_warning }. Uren aan: { $power_on_hours }. Sectoren vervangen: { $reallocated_sectors }, wachtend: { $pending_sectors }. Reserve over: { $spare_percent } %.
judge-disk-failing-workstation-next = Stel nu de bestanden van de gebruiker veilig en vervang dan de schijf, op serienummer. Belast haar niet eerst met een volledige scan.
judge-disk-failing-workstation-clear = Schijf { $name } ({ $serial }) zegt niet langer dat zij stukgaat.

# host_silent
judge-host-silent-title = { $host } zwijgt sinds { $since }
judge-host-silent-reason = { $host } meldt zich niet en heeft zich niet afgemeld sinds { $since }, en de locatie { $site } verklaart het niet.
judge-host-silent-next = Ping de machine, kijk dan op de hypervisor of het beheerbord. Antwoordt zij, kijk dan naar de agent.
judge-host-silent-clear = { $host } meldt zich weer.
judge-host-silent-goodbye = De machine heeft zich afgemeld: uitgezet, in slaap, of de agent is gestopt.
judge-host-silent-folded = De hele locatie zwijgt: het incident van de locatie loopt hiervoor door.

# site_silent
judge-site-silent-title = Locatie { $site } zwijgt: { $hosts } van { $all } machines
judge-site-silent-reason = Sinds { $since } zwijgen { $hosts } van { $all } machines van { $site }, alle binnen enkele minuten: { $names }. Dat is eerder de lijn of de stroom dan de machines.
judge-site-silent-next = Bel de locatie: is er stroom? Bel dan de storingsdienst van de lijn, zie de kaart van de locatie.
judge-site-silent-clear = Locatie { $site } is terug.

# storm: veel incidenten tegelijk
judge-storm-title = Veel problemen tegelijk: nog { $count }
judge-storm-reason = Er kwamen binnen een uur zoveel problemen dat elk volgend een regel hier is en geen eigen ticket. Laatste: { $names }.
judge-storm-next = Zoek één gemeenschappelijke oorzaak: stroom, netwerk, opslag, een update.
judge-storm-clear = Er kwamen een uur lang geen problemen meer bij.

# Het verloop van een incident
judge-incident-opened = Geopend als { $severity }.
judge-incident-worsened = Erger: van { $before } naar { $severity }.
judge-incident-milder = Milder: van { $before } naar { $severity }.
judge-incident-changed = De voorspelling is veranderd.
judge-incident-cleared-waiting = De toestand is over. Die kwam eerder terug, dus dit moet eerst { $wait } standhouden.
judge-incident-returned = De toestand is terug voordat het was opgelost.
judge-incident-resolved = Opgelost: de toestand is over.
judge-incident-resolved-unseen = Opgelost voordat iemand keek; er is geen engineer gebeld.
judge-incident-reopened = De toestand kwam binnen het uur terug: opnieuw geopend.
judge-incident-acknowledged = Opgepakt.
judge-incident-closed = Gesloten: { $reason }
judge-incident-silenced = Gedempt tot { $until }: { $reason }
judge-incident-succeeded = { $old } is vervangen door { $new }; het incident ging mee over.
judge-incident-silence-ended = De demping is voorbij en het probleem is er nog.
judge-incident-paged = Er is een engineer gebeld.
judge-incident-judged-too-early = Oordeel: waar, maar veel te vroeg.
judge-incident-judged-wrong = Oordeel: niet waar.
judge-incident-judged-known = Oordeel: al bekend.
judge-incident-judged-not-ours = Oordeel: niet voor ons.

judge-out-of-service-clear = Deze machine is buiten gebruik gesteld; er wordt niet meer op gewacht.
judge-uncovered-clear = Deze machine wordt niet meer bewaakt.
