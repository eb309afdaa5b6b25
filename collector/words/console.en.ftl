# Sentences of the console. Names come from machines and people and stand as they are.

# Frame
console-skip = Skip to the content
console-navigation = Navigation
console-incidents = Incidents
console-hosts = Hosts
console-customers = Customers
console-deliveries = Deliveries
console-wall = Wall
console-audit = Audit log
console-sign-out = Sign out
console-search = Search
console-search-incidents = Search sentence, customer, host…
console-search-hosts = Search name, serial, model, customer…
console-filter = Filters
console-apply = Apply
console-more = Show the next ones
console-yes = yes
console-no = no
console-keys = Keys
console-key-search = Search
console-key-move = Move through the list
console-key-open = Open the chosen row
console-done = Done

# Sign-in
console-sign-in = Sign in
console-sign-in-name = Name
console-sign-in-password = Password
console-sign-in-refused = Name and password do not belong together.
console-sign-in-wait = Too many tries. Wait half a minute and try again.
console-sign-in-help = Accounts are made on the collector's own machine:

# When a page cannot be shown
console-error-absent = There is nothing here
console-error-absent-help = It does not exist, or it belongs to a customer that you do not see.
console-error-forbidden = That is not yours to do
console-error-forbidden-help = Your account may not do this, or the request did not come from a page of this console.
console-error-conflict = It has changed in the meantime
console-error-conflict-help = Someone or something was first. Go back and look how it stands now.
console-error-busy = Someone else is asking
console-error-busy-help = The past of a machine is looked up for one question at a time. Try again in a moment.
console-error-invalid = That request does not read
console-error-invalid-help = Something is missing, too large or malformed. Go back and try again.
console-error-failed = The collector could not do this
console-error-failed-help = Nothing was changed. The reason is in the collector's log; try again in a moment.

# Presence
console-presence = Presence
console-presence-all = all
console-presence-online = online
console-presence-goodbye = said goodbye
console-presence-silent = silent
console-presence-unseen = not yet heard
console-presence-quarantined = quarantined
console-presence-pending = awaiting approval
console-presence-revoked = revoked
console-presence-24h = The last 24 hours
console-since = since { $name }
console-ago = { $name } ago
console-back-by = back by { $name }
console-goodbye-service-stop = the agent was stopped
console-goodbye-shutdown = shut down
console-goodbye-sleep = sleeps
console-goodbye-update-reboot = restarts for updates

# The list of incidents
console-view-now = needs someone now
console-view-open = all open
console-view-waiting = waiting for service hours
console-view-predicted = predicted
console-view-mine = mine
console-view-silenced = silenced
console-view-ended = ended
console-by-customer = by customer
console-customer-any = any customer
console-severity = Severity
console-what = What
console-where = Where
console-pick-up-by = Pick up by
console-owner = Owner
console-nobody = nobody
console-due-now = now
console-open-for = open for { $name }
console-silenced-until = silenced until { $name }
console-fresh = new, show them
console-incidents-none = Nothing needs anyone here
console-incidents-none-help = Every host is judged with each report. What turns up stands here at once, without reloading.
console-back-to-list = Back to the list
console-detail = The chosen incident

# One incident
console-state-open = open
console-state-acknowledged = taken
console-state-resolved = resolved
console-state-closed = closed
console-deadline = Expected
console-next-step = Next step.
console-acknowledge = Acknowledge
console-silence = Silence
console-not-useful = Not useful
console-close = Close
console-reason = Reason
console-until = Until
console-until-opening = the desk opens next
console-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
    }
console-days = { $n ->
    [one] 1 day
   *[other] { $n } days
    }
console-judge-too-early = Too early
console-judge-wrong = Wrong
console-judge-known = Known already
console-judge-not-ours = Not ours
console-moments = Ticket, page and clock
console-moment-ticket = Ticket made
console-moment-page = Engineer called
console-moment-due = Pick up by
console-moment-never = never
console-moment-paged = called { $name }
console-why = Why
console-mark-opened = opened
console-folded = Hosts in this incident
console-peers = Other hosts of the site
console-similar = Also open at this site
console-processes = Biggest processes
console-process = Process
console-memory = Memory
console-changes-72h = Changed in the 72 hours before
console-changes-72h-none = Nothing changed in the inventory.
console-timeline = Timeline
console-facts = Facts
console-fact-state = State
console-fact-owner = Owner
console-fact-since = Condition since
console-fact-opened = Opened
console-fact-clear-since = Clear since
console-fact-ended = Ended
console-fact-silenced = Silenced until
console-fact-flaps = Came back
console-fact-billable = Charged by the hour
console-fact-rule = Monitor
console-fact-id = Incident

# Site cards
console-site-card = Site
console-card-contact = Contact
console-card-line = Internet line
console-card-fault-desk = Fault desk
console-card-address = Address
console-card-access = Access
console-card-empty = The card of this site is still empty.

# Changes
console-when = When
console-change = Change
console-changes = Changes
console-change-added = added
console-change-removed = removed
console-change-changed = changed
console-changes-none = Nothing has changed yet
console-changes-none-help = Each difference between two inventories stands here, with what it was before.

# Hosts
console-host = Host
console-hosts-none = No hosts yet
console-hosts-none-help = A host appears here seconds after its agent is enrolled. The token knows which customer and site it belongs to.
console-hosts-no-match = No host matches
console-hosts-all = Show all hosts
console-enrol = Enrol a host here
console-enrol-customer = On the collector, once for each customer:
console-enrol-token = On the collector, for a token that lasts seven days:
console-enrol-host = On the machine to watch, with that token:
console-heard = Heard
console-role-server = server
console-role-workstation = workstation
console-host-model = Model
console-host-serial = Serial number
console-host-system = Operating system
console-host-role = Role
console-host-agent = Agent
console-host-enrolled = Enrolled
console-host-report = Newest report
console-host-interval = Reports every
console-host-incidents-none = No incident on this host so far
console-pending-help = More hosts used this token than were expected. Nothing of this host is stored until someone takes it in.
console-approve = Take this host in
console-charts = Charts
console-charts-none = No measurements of the last 24 hours
console-charts-none-help = The first ones come with the host's next report.
console-chart-cpu = Processor
console-chart-memory = Memory
console-chart-filesystem = File systems
console-chart-disk-io = Disk traffic
console-chart-disk-busy = Disk busy
console-chart-network = Network traffic
console-chart-load = Load, five minutes
console-chart-paging = Swap in use

# Inventory
console-inventory = Inventory
console-first-seen = first seen
console-items-none = Nothing of this kind
console-items-none-help = The agent has not reported any, or the section has not come in yet.
console-class-computer = computer
console-class-cpu = processor
console-class-memory = memory
console-class-disk = disk
console-class-array = disk array
console-class-volume = file system
console-class-operating-system = operating system
console-class-software = software
console-class-interface = network interface
console-class-user = account
console-class-group = group
console-class-service = service
console-class-update = updates
console-class-disk-health = disk health
console-class-controller = disk controller
console-class-neighbour = neighbour
console-class-port = open port
console-class-certificate = certificate
console-class-scheduled-job = scheduled job
console-class-pending-update = pending update
console-class-backup-job = backup job
console-class-container = container
console-class-virtual-machine = virtual machine
console-class-battery = battery
console-class-display = display
console-class-printer = printer
console-class-usb-device = USB device
console-class-security-product = security product
console-class-remote-tool = remote control tool

# One item, then and now
console-item-present = present
console-item-gone = gone since { $name }
console-item-at = As on
console-item-then = as it stood on { $name }
console-item-not-then = It was not there on { $name }
console-item-there = When it was there
console-item-identity = Known by
console-item-config = Set up as
console-item-volatile = At the moment
console-relations = Relations
console-relation-located-at = is at
console-relation-location-of = is the place of
console-relation-component-of = is a part of
console-relation-has-component = has as a part
console-relation-installed-on = is on
console-relation-has-installed = has on it
console-relation-member-of = is a member of
console-relation-has-member = has as a member
console-relation-runs-on = runs on
console-relation-carries = carries
console-relation-connected-to = is connected to
console-relation-has-connected = has connected
console-relation-supersedes = took the place of
console-relation-superseded-by = was replaced by

# Between two days
console-diff = Differences
console-diff-from = From
console-diff-to = up to and including
console-diff-none = Nothing differs between these days
console-diff-none-help = What changed and changed back does not count; the tab with changes shows every step.
console-diff-long = Too much changed since then: choose one class or a later day.

# Who has what
console-find = Who has what
console-search-software = Search a package: openssl <3.0.5, nginx*…
console-find-software = package, or its beginning*
console-find-version = version: 3.0.5, 3.0*, <3.0.5
console-find-disk = model of a disk, or its beginning*
console-find-administrators = Accounts with administrator rights
console-find-any = Any class and field
console-find-value = Value
console-find-empty = Who has which package, disk or account?
console-find-empty-help = A star stands for the rest of a word. Versions are compared as their package manager does.
console-find-none = Nobody has this
console-find-none-help = Only what is there now is searched, on hosts that are not revoked.
console-find-several = Ask for one thing at a time.
console-find-long = That is too long to search for.
console-find-class = There is no such class.
console-find-version-unread = A version goes with a package: 3.0.5, 3.0* or <3.0.5.
console-find-field-unread = A value goes with a field, and a field has small letters, digits and underscores.

# Export
console-export = Take along
console-export-class = This kind, all hosts of the customer (CSV)
console-export-glpi = GLPI inventory
console-export-cyclonedx = CycloneDX (SBOM)
console-export-hosts = Take all hosts along (CSV)

# Ledger
console-ledger = Ledger
console-ledger-help = All that the agent collected is stored here, still waits on the host, or was given up for a stated reason.
console-ledger-none = No ledger has come in yet
console-ledger-balanced = balanced
console-ledger-unbalanced = not balanced
console-ledger-unexplained = { $n ->
    [one] 1 report is missing without a reason
   *[other] { $n } reports are missing without a reason
    }
console-ledger-collected = Collected
console-ledger-stored = Stored
console-ledger-spooled = On the host
console-ledger-dropped = Given up: { $name }
console-ledger-reports = Reports
console-ledger-samples = Samples
console-ledger-sections = Sections
console-ledger-events = Events
console-ledger-sequence = Up to report

# Customers
console-customer = Customer
console-contract = Contract
console-contract-none = No contract
console-sites = Sites
console-sites-none = No sites yet
console-customers-none = No customers yet
console-customers-none-help = Customers, their sites and their contracts are declared on the collector:
console-intake = intake
console-notice = Notice
console-notice-today = If notice were received today:
console-notice-to-confirm = Notice was received. Nothing ends until a person confirms the date.
console-notice-is-confirmed = Notice was received and its end is confirmed.
console-notice-received = Received
console-notice-processed = Processed by
console-notice-month = Full month from
console-notice-minimum = Minimum term until
console-notice-end = Ends on
console-notice-confirmed = Confirmed end
console-month = This month
console-month-opened = Opened
console-month-resolved = Resolved
console-month-closed = Closed by people
console-month-live = Still open

# Deliveries
console-destination = Destination
console-attempts = Tries
console-redeliver = Send again
console-deliveries-none = Nothing here
console-deliveries-none-help = Each incident is told to the destinations of the configuration; what fails for good waits here for a person.
console-deliveries-none-of = Nothing was sent.
console-delivery-waiting = waiting
console-delivery-delivered = delivered
console-delivery-dead = given up
console-delivery-cancelled = no longer needed
console-kind-opened = Opened
console-kind-updated = Changed
console-kind-acknowledged = Taken
console-kind-resolved = Resolved
console-kind-closed = Closed
console-kind-page = Page
console-kind-courtesy = Courtesy notice

# The wall
console-wall-oldest = oldest untaken
console-wall-breaching = due within the hour
console-wall-dead = { $n ->
    [one] 1 message could not be delivered
   *[other] { $n } messages could not be delivered
    }
console-wall-more = { $n ->
    [one] and 1 more
   *[other] and { $n } more
    }
console-wall-as-of = as of
console-wall-stale = No news from the collector for half a minute: this is old

# Audit
console-audit-none = Nothing has been done yet
console-who = Who
console-act = Act
console-subject = On what
console-outcome = Outcome

# Which machine is which
console-duplicates = Needs a decision
console-duplicate-newer = Newer host
console-duplicate-older = Older host
console-duplicate-matched = Equal
console-duplicate-contradicting = Different
console-duplicate-same-machine = These two hosts may be one machine
console-duplicate-moved = This machine was another customer's
console-duplicate-clone = Two machines use one identity: a copied agent or a restored image
console-duplicate-rewound-spool = The agent came back older than it was: a restored image
console-duplicate-two-contents = Two machines use one identity: one report came with two contents
console-duplicate-replaced-key = The machine was enrolled anew, and its former key is still in use
console-duplicate-advice-same-machine = Merge them when the older machine is gone or was installed anew; the newer host then shows the history of both.
console-duplicate-advice-moved = Revoke the older host when the machine really moved. What belongs to one customer is never merged into another.
console-duplicate-advice-clone = Neither machine reports now. On the one that is a copy, stop the agent, run wacht-agent prepare-image and enrol it with a token of its own. Then give the host back to the other.
console-duplicate-merge = One machine: retire the older host
console-duplicate-dismiss = Two machines
console-duplicate-seen = Seen
console-duplicate-give-back = Only one is left: give the host back
console-merged-into = This host was merged into
console-mark-uuid = UUID
console-mark-serial = serial
console-mark-board-serial = board serial
console-mark-chassis-serial = chassis serial
console-mark-disk-serial = disk serial
console-mark-product = model
console-mark-board-product = board model
console-mark-mac = network address
console-mark-machine-id = machine id
console-mark-name = name
console-mark-container = container
