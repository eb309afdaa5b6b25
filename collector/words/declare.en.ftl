# Sentences about what people declare, coverage and baselines. Names come from machines and people and stand as they are.

declare-title = Declared
declare-class = Class
declare-class-any = every class
declare-site-any = every site
declare-state-any = every state
declare-export = Take the table along (CSV)
declare-import = Bring a table (CSV)
declare-add = Add an item
declare-none = Nobody has declared anything here yet
declare-none-help = Internet lines, firewalls, licences and other things without an agent are declared by people, as are the owner or the warranty of a machine.
declare-by-people = Said by people
declare-agent = Seen by the agent
declare-said-none = Nobody has said anything about this item yet.
declare-conflicts = conflict
declare-conflicts-help = People and agent state the same fact and differ. Neither overwrites the other: correct what is wrong.
declare-field = Field
declare-change = Change
declare-new-field = Another field
declare-new-value = Its value
declare-save = Save
declare-move = Move on
declare-replace = Replace
declare-replace-by = By
declare-replace-help = The person, criticality, notes and open incidents go over to the new item, and this one is retired. Serial number, purchase and warranty stay with the thing itself.
declare-history = History
declare-history-none = Nothing has changed yet.
declare-import-help = Paste a table with a header, separated by commas or semicolons. First you see what it would do. An empty cell takes a value away; a column that is absent leaves its values alone. Free fields are columns such as field.rack.
declare-import-table = Table
declare-import-preview = Show what it would do
declare-import-accept = Apply all of it
declare-import-accept-help = Either all of this is applied or nothing.
declare-import-stays = Nothing is applied: rows are refused, or nothing changes.
declare-line = Line
declare-row-new = new
declare-row-changed = changed
declare-row-unchanged = unchanged
declare-row-refused = refused
declare-coverage = Coverage
declare-coverage-choose = Choose a customer
declare-coverage-help = Coverage tells of each component whether it is in the CMDB and in contract, and which devices are seen that nobody knows.
declare-unknown = Seen, and in no book
declare-unknown-none = Hosts see no device that the CMDB lacks.
declare-seen-by = Seen by
declare-router = router
declare-made-up = made-up address
declare-components = Components
declare-components-none = There are no components yet.
declare-watched = watched (RMM)
declare-not-reporting = agent does not report
declare-standing-covered = in CMDB and contract
declare-standing-missing = in contract, missing
declare-standing-no-inventory = in contract, not told yet
declare-standing-no-contract = no contract
declare-standing-not-started = contract not begun
declare-standing-ended = contract ended
declare-standing-pending = host awaits approval
declare-standing-quarantined = host in quarantine
declare-standing-revoked = host revoked
declare-standing-not-in-service = not in service
declare-baseline = Baseline
declare-baselines = Baselines
declare-baseline-fixed = State as written down on
declare-baseline-fix = Fix the present state
declare-baseline-none = The state of this site has not been written down yet
declare-baseline-help = A baseline fixes what is there before support begins. Earlier ones are kept.
declare-drift = Drift
declare-drift-none = Nothing drifted since the baseline
declare-drift-counted = Counted: what updates, services and leases changed by themselves
declare-sign-customer = For the customer
declare-sign-desk = For the desk
declare-class-internet-line = internet line
declare-class-firewall = firewall
declare-class-network-device = network device
declare-class-saas-tenant = SaaS tenant
declare-class-licence = licence
declare-class-domain-name = domain name
declare-class-phone-system = phone system
declare-class-spare = spare
declare-class-printer-device = printer on the network
declare-class-ups = UPS
declare-class-other = other
declare-state-ordered = ordered
declare-state-spare = in stock
declare-state-active = active
declare-state-missing = missing
declare-state-retired = retired
declare-state-disposed = disposed of
declare-choice-low = low
declare-choice-normal = normal
declare-choice-high = high
declare-choice-critical = critical
declare-choice-yes = yes
declare-choice-no = no
declare-choice-partly = partly
declare-field-name = Name
declare-field-site = Site
declare-field-state = State
declare-field-state-since = Since
declare-field-supersedes = Took the place of
declare-field-superseded-by = Was replaced by
declare-field-owner = Owner
declare-field-criticality = Criticality
declare-field-solvable-remotely = Solvable remotely
declare-field-manufacturer = Manufacturer
declare-field-model = Model
declare-field-serial = Serial number
declare-field-mac = Hardware address
declare-field-address = Address
declare-field-reference = Reference
declare-field-supplier = Supplier
declare-field-purchased-on = Purchased on
declare-field-warranty-ends-on = Warranty ends on
declare-field-note = Note
declare-parts = { $n ->
    [one] 1 part
   *[other] { $n } parts
    }
declare-drift-with = { $n ->
    [one] with 1 component
   *[other] with { $n } components
    }
declare-drift-unchanged = { $n ->
    [one] 1 component is as it was.
   *[other] { $n } components are as they were.
    }
declare-left-out = { $n ->
    [one] 1 more row is not shown; the API gives all.
   *[other] { $n } more rows are not shown; the API gives all.
    }
