-- Of touched dossiers, what the last build made the counts of fct_timeliness of. Empty where all is built.
-- depends_on: {{ ref('int_dossier__touched') }}
{% if goes_on() -%}
{{ counted_of_touched(
    as_built('candidate', 'fct_dossier'),
    as_built('intermediate', 'int_dossier__judged'),
    as_built('intermediate', 'int_dossier__waiting')
) }}
{%- else -%}
select
    dossier_key,
    jurisdiction
from {{ ref('int_dossier__touched') }}
where 1 = 0
{%- endif %}
