-- Components of the index of QĐ 766 for each complete period, of the jurisdiction and of each unit: counts for all of
-- them, points for those whose rule is settled (seed index_component). It is formed where its own policy judges.
with period as (

    select
        period.jurisdiction,
        period.period,
        period.from_at,
        period.to_at,
        jurisdiction.zone
    from {{ ref('dim_period') }} as period
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = period.jurisdiction
    where period.is_complete

),

-- `given` is how many there are of what a component is about: the rule for none applies where that is nought.
progress as (

    select
        jurisdiction,
        period,
        unit_key,
        'progress' as component,
        numerator,
        denominator,
        denominator as given
    from {{ ref('rpt_rate') }}
    where rate = 'qd766'

),

place as (

    select
        jurisdiction,
        period,
        unit_key
    from progress

),

received as (

    select
        jurisdiction,
        period,
        unit_key,
        'online_received' as component,
        received_online as numerator,
        received_online + received_direct_postal as denominator,
        received_online + received_direct_postal as given
    from {{ ref('rpt_form_ii06a') }}
    where policy = 'qd766' and variant = 'levels' and row_kind in ('line', 'total')

),

digitised as (

    select
        jurisdiction,
        period,
        unit_key,
        dossiers_on_both,
        greatest(dossiers_in_province, dossiers_on_portal) as dossiers_on_either,
        dossiers_in_province,
        data_reused,
        dossiers_on_portal,
        parts_digitised,
        dossiers_finished,
        results_digitised
    from {{ ref('rpt_digitisation') }}
    where row_kind in ('unit', 'total')

),

paid as (

    select
        jurisdiction,
        period,
        unit_key,
        dossiers_with_fee,
        dossiers_paid_online,
        procedures_with_fee,
        procedures_paid_online
    from {{ ref('rpt_payment') }}
    where row_kind in ('unit', 'total')

),

rated as (

    select
        period.jurisdiction,
        period.period,
        rating.unit_key,
        sum(1) as ratings,
        sum(case when rating.score is not null then 1 else 0 end) as ratings_scored,
        sum(case when rating.is_satisfied then 1 else 0 end) as ratings_satisfied
    from period
    inner join {{ ref('fct_rating') }} as rating
        on
            rating.jurisdiction = period.jurisdiction
            and rating.rated_at >= period.from_at
            and rating.rated_at < period.to_at
    where rating.dossier_key is not null
    group by
        period.jurisdiction,
        period.period,
        rating.unit_key

),

-- Judged when the period ends: what was answered afterwards was not answered then.
petition as (

    select
        period.jurisdiction,
        period.period,
        petition.unit_key,
        petition.is_satisfied,
        petition.answered_at,
        coalesce(petition.stated_answered_at < period.to_at, false) as is_answered,
        coalesce(petition.answered_at < period.to_at, false) as is_timed,
        coalesce(petition.stated_answered_at < petition.received_at, false) as is_time_unknown,
        {{ local_date('petition.due_at', 'period.zone') }} as due_on,
        {{ local_date('petition.answered_at', 'period.zone') }} as answered_on,
        {{ local_date('period.to_at', 'period.zone') }} as period_to
    from period
    inner join {{ ref('fct_petition') }} as petition
        on
            petition.jurisdiction = period.jurisdiction
            and petition.received_at >= period.from_at
            and petition.received_at < period.to_at

),

petitioned as (

    select
        jurisdiction,
        period,
        unit_key,
        sum(1) as petitions,
        sum(case when is_timed and answered_on <= due_on then 1 else 0 end) as in_time,
        sum(
            case
                when is_time_unknown or due_on is null then 0
                when is_timed or due_on < period_to then 1
                else 0
            end
        ) as due,
        sum(case when is_answered and is_satisfied is not null then 1 else 0 end) as judged,
        sum(case when is_answered and is_satisfied then 1 else 0 end) as satisfied
    from petition
    group by
        jurisdiction,
        period,
        unit_key

),

heard as (

    select
        coalesce(rated.jurisdiction, petitioned.jurisdiction) as jurisdiction,
        coalesce(rated.period, petitioned.period) as period,
        coalesce(rated.unit_key, petitioned.unit_key) as unit_key,
        coalesce(rated.ratings, 0) as ratings,
        coalesce(rated.ratings_scored, 0) as ratings_scored,
        coalesce(rated.ratings_satisfied, 0) as ratings_satisfied,
        coalesce(petitioned.petitions, 0) as petitions,
        coalesce(petitioned.in_time, 0) as in_time,
        coalesce(petitioned.due, 0) as due,
        coalesce(petitioned.judged, 0) as judged,
        coalesce(petitioned.satisfied, 0) as satisfied
    from rated
    full outer join petitioned
        on
            petitioned.jurisdiction = rated.jurisdiction
            and petitioned.period = rated.period
            and petitioned.unit_key = rated.unit_key

),

-- What belongs to no unit stands in the jurisdiction's row alone.
spoken as (

    select
        jurisdiction,
        period,
        unit_key,
        ratings,
        ratings_scored,
        ratings_satisfied,
        petitions,
        in_time,
        due,
        judged,
        satisfied
    from heard
    where unit_key is not null
    union all
    select
        jurisdiction,
        period,
        cast(null as {{ dbt.type_string() }}) as unit_key,
        sum(ratings) as ratings,
        sum(ratings_scored) as ratings_scored,
        sum(ratings_satisfied) as ratings_satisfied,
        sum(petitions) as petitions,
        sum(in_time) as in_time,
        sum(due) as due,
        sum(judged) as judged,
        sum(satisfied) as satisfied
    from heard
    group by
        jurisdiction,
        period

),

counted as (

    select
        jurisdiction,
        period,
        unit_key,
        component,
        numerator,
        denominator,
        given
    from progress
    union all
    select
        jurisdiction,
        period,
        unit_key,
        component,
        numerator,
        denominator,
        given
    from received
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'dossiers_synced' as component,
        dossiers_on_both as numerator,
        dossiers_on_either as denominator,
        dossiers_on_either as given
    from digitised
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'results_digitised' as component,
        results_digitised as numerator,
        dossiers_finished as denominator,
        dossiers_finished as given
    from digitised
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'parts_digitised' as component,
        parts_digitised as numerator,
        dossiers_on_portal as denominator,
        dossiers_on_portal as given
    from digitised
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'data_reused' as component,
        data_reused as numerator,
        dossiers_in_province as denominator,
        dossiers_in_province as given
    from digitised
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'payment_dossiers' as component,
        dossiers_paid_online as numerator,
        dossiers_with_fee as denominator,
        dossiers_with_fee as given
    from paid
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'payment_procedures' as component,
        procedures_paid_online as numerator,
        procedures_with_fee as denominator,
        procedures_with_fee as given
    from paid
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'satisfaction' as component,
        ratings_satisfied as numerator,
        ratings_scored as denominator,
        ratings as given
    from spoken
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'petitions_in_time' as component,
        in_time as numerator,
        due as denominator,
        petitions as given
    from spoken
    union all
    select
        jurisdiction,
        period,
        unit_key,
        'petitions_satisfied' as component,
        satisfied as numerator,
        judged as denominator,
        petitions as given
    from spoken

),

scored as (

    select
        place.jurisdiction,
        place.period,
        place.unit_key,
        component.component,
        component.dimension,
        component.max_score,
        component.full_at,
        component.score_of_none,
        component.is_scored,
        coalesce(counted.numerator, 0) as numerator,
        coalesce(counted.denominator, 0) as denominator,
        coalesce(counted.given, 0) as given,
        component.max_score * cast(counted.numerator as numeric(28, 6))
        / nullif(counted.denominator * component.full_at, 0) as earned
    from place
    cross join {{ ref('index_component') }} as component
    left join counted
        on
            counted.jurisdiction = place.jurisdiction
            and counted.period = place.period
            and coalesce(counted.unit_key, '') = coalesce(place.unit_key, '')
            and counted.component = component.component

)

select
    {{ grain_key(['jurisdiction', 'period', 'unit_key', 'component']) }} as quality_component_key,
    jurisdiction,
    {{ key_in('jurisdiction', 'period') }} as period_key,
    period,
    unit_key,
    dimension,
    component,
    cast(given as bigint) as given,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    {{ percent_of('numerator', 'denominator') }} as ratio_percent,
    max_score,
    case
        when not is_scored then 'unresolved'
        when denominator > 0 then 'scored'
        when given = 0 and score_of_none is not null then 'scored'
        else 'not_applicable'
    end as score_state,
    cast(
        case
            when not is_scored then null
            when denominator > 0 then round(least(max_score, earned), 2)
            when given = 0 then score_of_none
        end as numeric(5, 2)
    ) as score
from scored
