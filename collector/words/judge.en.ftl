# Sentences of monitors and of the life of incidents. Names of objects come from machines and are shown as they are.

# Why something cleared, for any monitor
judge-clear-vanished = { $object } is no longer there.
judge-clear-retired = This is no longer watched here.

# disk_space
judge-disk-space-title = { $object } is { $utilization } full, { $available } left
judge-disk-space-reason = Since { $since } so much of { $object } is in use that little space is left: { $utilization } of { $size }, { $available } free. When it is full, programs can no longer write there.
judge-disk-space-next = Find what grew on { $object } lately and clean up, or extend the volume. Look at logs, old packages and backups first.
judge-disk-space-clear = { $object } has room again: { $utilization } in use, { $available } free.

# disk_space_workstation
judge-disk-space-workstation-title = { $object } is { $utilization } full, { $available } left
judge-disk-space-workstation-reason = Since { $since } hardly any space is left on { $object }: { $available } free of { $size }. Updates and programs stop working without space.
judge-disk-space-workstation-next = Ask the user what may go, empty downloads and the recycle bin, remove old update files.
judge-disk-space-workstation-clear = { $object } has room again: { $available } free.

# disk_full_forecast
judge-disk-full-forecast-title = { $object } will be full around { $likely }
judge-disk-full-forecast-reason = { $object } grows by { $growth } a day and is now { $utilization } full, { $available } left. At this rate it is full around { $likely }, between { $earliest } and { $latest }.
judge-disk-full-forecast-next = Find what grows on { $object }, and clean up or extend the volume before { $earliest }.
judge-disk-full-forecast-caveat = This is a prediction from the last { $history } of growth. A cleanup, or growth that ends, makes it wrong; a sudden burst makes it come sooner.
judge-disk-full-forecast-clear = { $object } no longer grows towards full; { $utilization } is in use.

# inodes
judge-inodes-title = { $object } has { $utilization } of its inodes in use
judge-inodes-reason = Since { $since } { $object } is nearly out of inodes: { $utilization } in use. It then refuses new files, even with space left.
judge-inodes-next = Find the folder with very many small files (sessions, caches, mail queues) and clean it up.
judge-inodes-clear = { $object } has inodes again: { $utilization } in use.

# memory_pressure
judge-memory-pressure-title = Memory is nearly used up: { $available } of { $size } available
judge-memory-pressure-reason = Since { $since } programs can hardly get memory any more: { $utilization } is taken, { $available } available. The machine becomes slow and may end programs by force.
judge-memory-pressure-next = Look which process takes the memory and since when. Restart what leaks, limit it, or add memory.
judge-memory-pressure-clear = There is memory again: { $available } available.

# cpu_saturation
judge-cpu-saturation-title = The processors are saturated: { $utilization } busy, load { $load } on { $processors }
judge-cpu-saturation-reason = Since { $since } the processors are { $utilization } busy and work queues up: load { $load } on { $processors } processors.
judge-cpu-saturation-next = Look which process is busy and whether that is its usual work at this hour.
judge-cpu-saturation-clear = The processors have time again: { $utilization } busy.

# unit_failed
judge-unit-failed-title = Service { $object } failed
judge-unit-failed-reason = Since { $since } { $object } ({ $description }) is in the state failed. Result of the last run: { $result }.
judge-unit-failed-next = Read the last lines of its log, mend the cause, then start { $object } again.
judge-unit-failed-clear = Service { $object } is no longer failed.

# service_stopped
judge-service-stopped-title = Service { $object } stopped
judge-service-stopped-reason = { $object } ({ $description }) starts by itself and was running, but it has been stopped since { $since }.
judge-service-stopped-next = Find out who or what stopped { $object }. Start it again, or switch its automatic start off if it is no longer needed.
judge-service-stopped-clear = Service { $object } is as it should be again.

# reboot_pending
judge-reboot-pending-title = A restart for updates is due since { $since }
judge-reboot-pending-reason = Updates wait for a restart of this server since { $since }. Until then they do not protect. Reason: { $reboot_reason }; packages: { $packages }.
judge-reboot-pending-next = Plan a restart with the customer.
judge-reboot-pending-clear = No restart is due any more.

# reboot_pending_workstation
judge-reboot-pending-workstation-title = A restart for updates is due since { $since }
judge-reboot-pending-workstation-reason = Updates wait for a restart of this workstation since { $since }. Until then they do not protect. Reason: { $reboot_reason }; packages: { $packages }.
judge-reboot-pending-workstation-next = Ask the user to restart.
judge-reboot-pending-workstation-clear = No restart is due any more.

# array_degraded
judge-array-degraded-title = Disk array { $object } is { $state ->
        [failed] failed
       *[other] degraded
    }, { $redundancy_left ->
        [0] no further disk may fail
        [1] one more disk may fail
       *[other] { $redundancy_left } more disks may fail
    }
judge-array-degraded-reason = Since { $since } array { $object } ({ $level }) runs on { $members_active } of { $members_expected } disks. Failed: { $members_failed }. Disks that may still fail without loss of data: { $redundancy_left }.
judge-array-degraded-next = Check first that the last backup is good. Then replace the failed disk, by its serial number, and watch the rebuild.
judge-array-degraded-clear = Array { $object } is whole again.

# disk_failing
judge-disk-failing-title = Disk { $name } ({ $serial }) fails
judge-disk-failing-reason = Since { $since } disk { $name }, serial { $serial }, says of itself: verdict { $verdict }, attributes below their threshold: { $failing_now }, NVMe warning bits: { $critical_warning }. Hours on: { $power_on_hours }. Sectors reallocated: { $reallocated_sectors }, pending: { $pending_sectors }. Spare left: { $spare_percent } %.
judge-disk-failing-next = Check now that the last backup is good, then replace the disk by its serial number. Do not stress it with a full scan first.
judge-disk-failing-clear = Disk { $name } ({ $serial }) no longer says that it fails.

# disk_failing_workstation
judge-disk-failing-workstation-title = Disk { $name } ({ $serial }) fails
judge-disk-failing-workstation-reason = Since { $since } disk { $name }, serial { $serial }, says of itself: verdict { $verdict }, attributes below their threshold: { $failing_now }, NVMe warning bits: { $critical_warning }. Hours on: { $power_on_hours }. Sectors reallocated: { $reallocated_sectors }, pending: { $pending_sectors }. Spare left: { $spare_percent } %.
judge-disk-failing-workstation-next = Save the user's files now, then replace the disk by its serial number. Do not stress it with a full scan first.
judge-disk-failing-workstation-clear = Disk { $name } ({ $serial }) no longer says that it fails.

# host_silent
judge-host-silent-title = { $host } is silent since { $since }
judge-host-silent-reason = { $host } neither reports nor said goodbye since { $since }, and the site { $site } does not explain it.
judge-host-silent-next = Ping it, then look at its hypervisor or management board. If it answers, look at its agent.
judge-host-silent-clear = { $host } reports again.
judge-host-silent-goodbye = It has said goodbye: it was shut down, sleeps, or its agent was stopped.
judge-host-silent-folded = Its whole site is silent: the incident of the site goes on for it.

# site_silent
judge-site-silent-title = Site { $site } is silent: { $hosts } of { $all } hosts
judge-site-silent-reason = Since { $since } { $hosts } of { $all } hosts of { $site } are silent, all within minutes: { $names }. That is more likely the line or the power than the hosts.
judge-site-silent-next = Call the site: is there power? Then call the fault desk of the line, see the card of the site.
judge-site-silent-clear = Site { $site } is back.

# storm: many incidents at once
judge-storm-title = Many problems at once: { $count } more
judge-storm-reason = So many problems came within an hour that each further one is a line here and no ticket of its own. Last: { $names }.
judge-storm-next = Look for one common cause: power, network, storage, an update.
judge-storm-clear = No further problems came for an hour.

# The life of an incident
judge-incident-opened = Opened as { $severity }.
judge-incident-worsened = Worse: from { $before } to { $severity }.
judge-incident-milder = Milder: from { $before } to { $severity }.
judge-incident-changed = The prediction changed.
judge-incident-cleared-waiting = The condition is gone. It came back before, so this must stand for { $wait } first.
judge-incident-returned = The condition is back before it was resolved.
judge-incident-resolved = Resolved: the condition is gone.
judge-incident-resolved-unseen = Resolved before anyone looked; no engineer was called.
judge-incident-reopened = The condition came back within the hour: opened again.
judge-incident-acknowledged = Taken.
judge-incident-closed = Closed: { $reason }
judge-incident-silenced = Silenced until { $until }: { $reason }
judge-incident-succeeded = { $old } was replaced by { $new }; the incident went over.
judge-incident-silence-ended = The silence has ended and the problem is still there.
judge-incident-paged = An engineer was called.
judge-incident-judged-too-early = Judged: true, but far too early.
judge-incident-judged-wrong = Judged: not true.
judge-incident-judged-known = Judged: known already.
judge-incident-judged-not-ours = Judged: not for us.

judge-out-of-service-clear = People put this machine out of service, so that nobody waits for it.
judge-uncovered-clear = This machine is no longer monitored.
