select distinct
    {{ key_in('jurisdiction', 'channel_code') }} as channel_key,
    jurisdiction,
    channel_code
from {{ ref('int_dossier__current') }}
