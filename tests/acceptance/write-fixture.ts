/** Prints one statement that replaces the catalogue by the suite's fixture, for `trr db sql --write`. */
import { FIXTURE } from './fixture.ts';

// One statement at a time, says the command: a block is one.
console.log(`do $fixture$
begin
  truncate core.shows, core.people, core.networks, core.production_companies, core.watch_providers, surveys.surveys, pipeline.runs cascade;
${FIXTURE}
end
$fixture$`);
