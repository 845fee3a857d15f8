select
    jurisdiction,
    name,
    name_vi,
    zone,
    calendar,
    as_of,
    default_policy
from {{ source('reference', 'jurisdiction') }}
