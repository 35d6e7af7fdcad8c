-- The server would plan the lookup of a month anew each time, for it takes a plan for all months to be dearer; of such a plan it
-- opens one month, too.
alter function outcomes_of_id(bigint) set plan_cache_mode = force_generic_plan;
