-- The database of the auction outcomes, empty: the deployment brings its schema.
create database helios_analytics;
