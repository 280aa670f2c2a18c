-- What mode Estimate found: the summary that is shown. The whole lies beside the outputs.
alter table jobs add column estimate jsonb;
