/**
 * Names that a statement may use. All of them are looked up in pg_catalog alone (the session's search path holds nothing else), so each is
 * PostgreSQL's own, whatever functions, operators and types the database has of the same name. None of them writes, waits, reads a file, a
 * setting or another table, runs SQL that it is given, or makes a long text of a short one.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ""));

export const FUNCTIONS = words(`
  count sum avg min max bool_and bool_or every string_agg array_agg json_agg jsonb_agg jsonb_object_agg
  percentile_cont percentile_disc mode stddev stddev_pop stddev_samp variance var_pop var_samp corr any_value
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  now clock_timestamp statement_timestamp transaction_timestamp date_trunc date_part extract date_bin age date to_char to_timestamp to_date
  make_interval make_date make_timestamp make_timestamptz make_time justify_days justify_hours justify_interval isfinite timezone overlaps
  lower upper initcap length char_length character_length octet_length bit_length substring substr left right strpos position
  btrim ltrim rtrim reverse replace translate concat concat_ws split_part starts_with ascii overlay
  regexp_replace regexp_match regexp_substr regexp_count regexp_like regexp_instr like_escape similar_to_escape md5 to_hex
  abs round ceil ceiling floor trunc mod div sign sqrt ln log width_bucket random to_number
  jsonb_array_length json_array_length jsonb_typeof json_typeof jsonb_extract_path jsonb_extract_path_text json_extract_path json_extract_path_text
  jsonb_build_object json_build_object jsonb_build_array to_json to_jsonb jsonb_strip_nulls
  array_length cardinality array_position array_to_string string_to_array array_remove array_append array_cat
  host masklen family network num_nulls num_nonnulls lower_inc upper_inc isempty
  gen_random_uuid uuid_extract_timestamp
`);

/** Functions that return rows, with their columns; a single unnamed one is called as its alias or as the function. */
export const ROW_FUNCTIONS: Readonly<Record<string, readonly string[] | null>> = {
  generate_series: null,
  unnest: null,
  jsonb_array_elements: ["value"],
  jsonb_array_elements_text: ["value"],
  json_array_elements: ["value"],
  json_array_elements_text: ["value"],
  jsonb_each: ["key", "value"],
  jsonb_each_text: ["key", "value"],
  json_each: ["key", "value"],
  json_each_text: ["key", "value"],
  jsonb_object_keys: null,
  json_object_keys: null,
  regexp_split_to_table: null,
  string_to_table: null,
};

/** They may make a text several times as long; nested deeply it would fill the server's memory. */
export const GROWING = words("replace regexp_replace concat concat_ws translate string_agg array_agg json_agg jsonb_agg overlay array_cat");

/** They make one value of many rows. */
export const COLLECTING = words("string_agg array_agg json_agg jsonb_agg jsonb_object_agg");

/** They look for one value in another, in a time that grows with both, and end for no time limit before they are done. */
export const SEARCHING = words(`
  translate btrim ltrim rtrim replace strpos position split_part string_to_array string_to_table array_position array_remove
`);
export const SEARCHING_OPERATORS = words("~~ ~~* !~~ !~~* @> <@ && ? ?| ?&");

export const OPERATORS = words("= <> != < > <= >= + - * / % || ~ ~* !~ !~* ~~ ~~* !~~ !~~* -> ->> #> #>> @> <@ ? ?| ?& && & | # << >> @");

/** Types of casts. Others run functions of the database, or look names up (`regclass`). */
export const TYPES = words(`
  bool int2 int4 int8 float4 float8 numeric text varchar bpchar date time timetz timestamp timestamptz interval uuid json jsonb bytea
  inet cidr bit varbit int4range int8range numrange daterange tsrange tstzrange
`);

export const COLLATIONS = words("C POSIX default ucs_basic");

/** Values that the grammar has words for: the time, but not who is logged in. */
export const VALUE_WORDS = words(`
  SVFOP_CURRENT_DATE SVFOP_CURRENT_TIME SVFOP_CURRENT_TIME_N SVFOP_CURRENT_TIMESTAMP SVFOP_CURRENT_TIMESTAMP_N
  SVFOP_LOCALTIME SVFOP_LOCALTIME_N SVFOP_LOCALTIMESTAMP SVFOP_LOCALTIMESTAMP_N
`);

/** What a table has besides its own columns. */
export const SYSTEM_COLUMNS: readonly string[] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
