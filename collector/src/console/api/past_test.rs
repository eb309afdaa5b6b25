//! Items, hosts and searches over a real store whose CMDB has a past.
