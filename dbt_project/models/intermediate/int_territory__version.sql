-- Territories by law, each code and validity once.
select
    {{ version_key('statistics_code', 'coalesce(valid_from, ' ~ beginning() ~ ')') }} as territory_key,
    statistics_code,
    coalesce(valid_from, {{ beginning() }}) as valid_from,
    valid_to,
    level,
    kind,
    name,
    parent_code,
    province_code,
    began_by,
    ended_by
from {{ ref('territory') }}
