{#-
  What an open dossier is at a cut-off: due before it is overdue, due at it or later in time; one that asked for more
  supplements than its policy allows is overdue from then on. `judged` names a relation with compares, missing_due, due_at,
  due_on, exceeded_at; the cut-off comes as an instant and as its local day.
-#}
{% macro pending_verdict(judged, cut_off, cut_off_day) -%}
    case
        when {{ judged }}.exceeded_at < {{ cut_off }} then 'pending_overdue'
        when {{ judged }}.due_at is null and {{ judged }}.missing_due = 'in_time' then 'pending_in_time'
        when {{ judged }}.due_at is null then 'pending_no_due'
        when {{ judged }}.compares = 'instant' and {{ judged }}.due_at < {{ cut_off }} then 'pending_overdue'
        when {{ judged }}.compares = 'day' and {{ judged }}.due_on < {{ cut_off_day }} then 'pending_overdue'
        else 'pending_in_time'
    end
{%- endmacro %}
