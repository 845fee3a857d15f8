-- Ratings of dossiers. One of a dossier that no system holds has a place here and no key, and is counted apart.
with version as (

    select
        ranked.jurisdiction,
        ranked.zone,
        ranked.source,
        ranked.file_sha256,
        rating.row_number,
        rating.row_sha256,
        rating.rating_number,
        rating.record_code,
        rating.way,
        rating.score,
        rating.rated_at,
        row_number() over (
            partition by ranked.jurisdiction, ranked.source, rating.rating_number
            order by rating.changed_at desc, rating.row_sha256 desc, ranked.file_sha256 desc, rating.row_number asc
        ) as recency
    from {{ ref('stg_provincial__rating') }} as rating
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = rating.delivery_id

),

rating as (

    select
        jurisdiction,
        source,
        file_sha256,
        row_number,
        row_sha256,
        rating_number,
        record_code,
        way,
        score,
        rated_at,
        {{ local_date('rated_at', 'zone') }} as rated_on
    from version
    where recency = 1

)

select
    {{ grain_key(['rating.jurisdiction', 'rating.source', 'rating.rating_number']) }} as rating_key,
    rating.jurisdiction,
    rating.rating_number,
    rating.record_code,
    dossier.dossier_key,
    dossier.unit_key,
    dossier.procedure_key,
    rating.way,
    rating.score,
    rating.score >= 4 as is_satisfied,
    rating.rated_at,
    rating.rated_on,
    {{ month_start('rating.rated_on') }} as rated_month,
    rating.source,
    rating.file_sha256,
    rating.row_number,
    rating.row_sha256
from rating
left join {{ ref('int_dossier__in_province') }} as dossier
    on dossier.jurisdiction = rating.jurisdiction and dossier.record_code = rating.record_code
