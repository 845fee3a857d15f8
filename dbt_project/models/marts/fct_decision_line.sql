select
    {{ grain_key(['jurisdiction', 'decision_code', 'action', 'row_number']) }} as decision_line_key,
    jurisdiction,
    decision_code,
    signed_on,
    effective_on,
    action,
    {{ key_in('jurisdiction', 'procedure_code') }} as procedure_key,
    coded_by,
    procedure_name,
    {{ key_in('jurisdiction', 'replaced_by_code') }} as replaced_by_key,
    file_sha256,
    row_number,
    row_sha256
from {{ ref('int_decision__listed') }}
