-- Words that belong to a set (W31). Where the set is the source's (what TMDb calls an offer, a kind of image), the form is
-- checked and not the members: a new word must not stop an import. Not valid: what an adopted database holds stays.
alter table core.show_images drop constraint if exists show_images_source_form_check;
alter table core.show_images add constraint show_images_source_form_check check (source ~ '^[a-z][a-z0-9_-]{0,39}$') not valid;
alter table core.show_images drop constraint if exists show_images_kind_form_check;
alter table core.show_images add constraint show_images_kind_form_check check (kind ~ '^[a-z][a-z0-9_-]{0,39}$') not valid;
alter table core.cast_photos drop constraint if exists cast_photos_source_form_check;
alter table core.cast_photos add constraint cast_photos_source_form_check check (source ~ '^[a-z][a-z0-9_-]{0,39}$') not valid;
alter table core.show_watch_providers drop constraint if exists show_watch_providers_region_form_check;
alter table core.show_watch_providers add constraint show_watch_providers_region_form_check
  check (region ~ '^[A-Z]{2}$') not valid;
alter table core.show_watch_providers drop constraint if exists show_watch_providers_offer_type_form_check;
alter table core.show_watch_providers add constraint show_watch_providers_offer_type_form_check
  check (offer_type ~ '^[a-z][a-z0-9_]{0,39}$') not valid;
alter table core.show_cast drop constraint if exists show_cast_credit_category_form_check;
alter table core.show_cast add constraint show_cast_credit_category_form_check
  check (btrim(credit_category) <> '' and char_length(credit_category) <= 100) not valid;
alter table core.sync_state drop constraint if exists sync_state_table_name_form_check;
alter table core.sync_state add constraint sync_state_table_name_form_check
  check (table_name ~ '^[a-z][a-z0-9_-]{0,59}$') not valid;
