-- What people see in place of a name: join it on the name of a column or figure.
select
    label,
    en,
    vi
from {{ source('reference', 'label') }}
