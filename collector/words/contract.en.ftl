# Why a page is now, later or never
contract-page-at-once = Paged at once: the contract asks for that day and night.
contract-page-p1-at-once = Paged at once: P1 calls an engineer day and night.
contract-page-open = Paged at once: the desk is open.
contract-page-at-opening = The page waits for the desk to open, { $opening }: the contract pages only P1 outside service hours.
contract-page-service-hours = The page waits for service hours, { $opening }: the contract pages nothing outside them.
contract-page-mild-never = No page: a ticket is enough at this severity.
contract-page-forecast-never = No page: this is a prediction and the harm is not expected before { $harm }.
contract-page-forecast-at-opening = The page waits for the desk to open, { $opening }: the predicted harm leaves time for that.
contract-page-forecast-imminent = Paged at once: the predicted harm may come before the desk has time for it.
contract-calendar-unreadable = The contract's calendar cannot be read, so the desk counts as always open. Correct the calendar.

# Why nothing is raised
contract-none = The customer has no contract.
contract-not-started = The contract starts on { $day_on }.
contract-ended = The contract ended on { $day_on }.
contract-no-rmm = The customer has no remote monitoring (RMM).
contract-no-courtesy = The customer has no remote monitoring (RMM) and wants no courtesy notices.

# Days that differ from the week
contract-holiday-new-year = New Year's Day
contract-holiday-easter-sunday = Easter Sunday
contract-holiday-easter-monday = Easter Monday
contract-holiday-kings-day = King's Day
contract-holiday-liberation-day = Liberation Day
contract-holiday-ascension = Ascension Day
contract-holiday-whit-sunday = Whit Sunday
contract-holiday-whit-monday = Whit Monday
contract-holiday-christmas-day = Christmas Day
contract-holiday-second-christmas-day = Second day of Christmas
contract-closed-day = Closed
contract-short-day = Open { $from }-{ $to }

# A contract in words
contract-term-rmm-at-once = RMM: incidents are raised; an engineer is paged day and night.
contract-term-rmm-p1-at-once = RMM: incidents are raised; an engineer is paged day and night for P1, at opening for P2.
contract-term-rmm-service-hours = RMM: incidents are raised; an engineer is paged in service hours only.
contract-term-no-rmm = No RMM: inventory only, no incidents are raised.
contract-term-hours-always = Picked up round the clock.
contract-term-hours-day =
    Picked up { $first ->
        [workdays] workdays
        [every-day] every day
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } { $from }-{ $to }.
contract-term-hours-days =
    Picked up { $first ->
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } to { $last ->
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } { $from }-{ $to }.
contract-term-no-extended = No extended hours.
contract-term-extended-day =
    Extended hours { $first ->
        [workdays] workdays
        [every-day] every day
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } { $from }-{ $to }.
contract-term-extended-days =
    Extended hours { $first ->
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } to { $last ->
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    } { $from }-{ $to }.
contract-term-holidays-nl = Closed on Dutch public holidays.
contract-term-holidays-none = Public holidays are ordinary days.
contract-term-on-site = On location { $hours } hours a month ({ $rhythm }).
contract-term-no-on-site = No hours on location.
contract-term-courtesy-none = Facts that threaten data are not told.
contract-term-courtesy-monthly = Facts that threaten data are told once a month.
contract-term-courtesy-at-once = Facts that threaten data are told at once, by mail.
contract-term-runs = Runs from { $start_on }; minimum term until { $minimum_on }, then by the month.
contract-term-notice = Notice received { $received_on }, processed by { $processed_on }: proposed end { $end_on }, to be confirmed.
contract-term-ends = Ends { $end_on }, confirmed.
