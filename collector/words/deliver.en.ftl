# Mail about incidents. Texts in arguments come from machines and people and are shown as they are.
deliver-subject-opened = [{ $severity }] { $place }: { $title }
deliver-subject-updated = [{ $severity }] { $place }, changed: { $title }
deliver-subject-acknowledged = [{ $severity }] { $place }, taken: { $title }
deliver-subject-resolved = [{ $severity }] { $place }, resolved: { $title }
deliver-subject-closed = [{ $severity }] { $place }, closed: { $title }
deliver-subject-page = [{ $severity }] Call for { $place }: { $title }
deliver-subject-courtesy = For your attention, { $place }: { $title }
deliver-title-unknown = incident
deliver-place-unknown = unknown host
deliver-severity-unknown = P?

deliver-moment = { $at }

deliver-customer = Customer
deliver-site = Site
deliver-host = Host
deliver-severity = Severity
deliver-state = State
deliver-opened-at = Opened
deliver-due-at = Pick up by
deliver-page-at = Engineer called
deliver-why = Why then
deliver-ended-at = Ended
deliver-acknowledged-by = Taken by
deliver-last-event = Last event
deliver-deadline = Deadline

deliver-state-open = open
deliver-state-acknowledged = taken
deliver-state-resolved = resolved
deliver-state-closed = closed

deliver-reason = Why this was raised
deliver-caveat = Mind
deliver-next-step = Next step
deliver-evidence = What was measured
deliver-hosts = Hosts
deliver-changes = What changed there lately
deliver-site-card = The site
deliver-address = Address
deliver-line = Internet line
deliver-fault-desk = Fault desk
deliver-access = Access
deliver-contact = Contact
deliver-link = Open in Wacht
deliver-footer = Sent by Wacht. Answers to this mail are not read.
