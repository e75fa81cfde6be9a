-- One row in each table of `live`; README.md explains the seeds. The triggers have left events of the other seeds in the outbox.
delete from live.outbox;
delete from live.stale;
insert into live.channels (name, last_offset) values ('surveys:survey:seed', 1);
insert into live.events (channel, event_offset, type, payload, at) values ('surveys:survey:seed', 1, 'seed', '{}', now());
insert into live.outbox (channel, type, payload) values ('surveys:survey:seed', 'seed', '{}');
insert into live.stale (channel) values ('surveys:survey:seed');
