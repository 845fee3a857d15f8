-- How many dossiers the province and the national portal tell differently, by unit, procedure and kind. Additive.
select
    {{ grain_key(['jurisdiction', 'unit_key', 'procedure_key', 'kind']) }} as sync_count_key,
    jurisdiction,
    unit_key,
    procedure_key,
    kind,
    cast(count(*) as bigint) as dossiers
from {{ ref('fct_sync_difference') }}
group by
    jurisdiction,
    unit_key,
    procedure_key,
    kind
