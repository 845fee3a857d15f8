with used as (

    select distinct
        jurisdiction,
        channel_code
    from {{ ref('int_dossier__current') }}

)

select
    {{ key_in('used.jurisdiction', 'used.channel_code') }} as channel_key,
    used.jurisdiction,
    used.channel_code,
    coalesce(channel_kind.kind, 'direct') as kind
from used
left join {{ ref('channel_kind') }} as channel_kind on channel_kind.channel_code = used.channel_code
