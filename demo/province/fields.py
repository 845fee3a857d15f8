"""Fields of procedures and the procedures everybody asks for: the made province's vocabulary.

Belongs here: names, limits and weights as tables. Does not: the catalogue made of them (catalogue.py).
"""

from __future__ import annotations

from dataclasses import dataclass

#: Field: code, name, department that settles it at province level (position in units.DEPARTMENTS).
FIELDS: tuple[tuple[str, str, int], ...] = (
    ("LV001", "Chứng thực", 1),
    ("LV002", "Hộ tịch", 1),
    ("LV003", "Lý lịch tư pháp", 1),
    ("LV004", "Công chứng", 1),
    ("LV005", "Luật sư", 1),
    ("LV006", "Đất đai", 2),
    ("LV007", "Đăng ký biện pháp bảo đảm", 2),
    ("LV008", "Môi trường", 2),
    ("LV009", "Tài nguyên nước", 2),
    ("LV010", "Khoáng sản", 2),
    ("LV011", "Thành lập và hoạt động của hộ kinh doanh", 3),
    ("LV012", "Thành lập và hoạt động của doanh nghiệp", 3),
    ("LV013", "Đấu thầu", 3),
    ("LV014", "Lưu thông hàng hóa trong nước", 4),
    ("LV015", "Xúc tiến thương mại", 4),
    ("LV016", "Điện", 4),
    ("LV017", "Đường bộ", 5),
    ("LV018", "Đăng kiểm", 5),
    ("LV019", "Giáo dục trung học", 6),
    ("LV020", "Hệ thống văn bằng, chứng chỉ", 6),
    ("LV021", "Giáo dục mầm non", 6),
    ("LV022", "Khám bệnh, chữa bệnh", 7),
    ("LV023", "Dược phẩm", 7),
    ("LV024", "An toàn thực phẩm", 7),
    ("LV025", "Hoạt động xây dựng", 8),
    ("LV026", "Quy hoạch xây dựng, kiến trúc", 8),
    ("LV027", "Nhà ở", 8),
    ("LV028", "Bảo trợ xã hội", 9),
    ("LV029", "Người có công", 9),
    ("LV030", "Việc làm", 9),
    ("LV031", "Lao động", 9),
    ("LV032", "Thi đua, khen thưởng", 10),
    ("LV033", "Tôn giáo", 10),
    ("LV034", "Lâm nghiệp", 11),
    ("LV035", "Chăn nuôi, thú y", 11),
    ("LV036", "Thủy lợi", 11),
    ("LV037", "Văn hóa cơ sở", 12),
    ("LV038", "Du lịch", 12),
    ("LV039", "Hoạt động khoa học và công nghệ", 13),
    ("LV040", "Bưu chính", 14),
    ("LV041", "Xuất bản, in và phát hành", 14),
    ("LV042", "Quản lý công sản", 15),
    ("LV043", "Giải quyết khiếu nại, tố cáo", 16),
    ("LV044", "Đầu tư vào khu công nghiệp", 17),
    ("LV045", "Hội, quỹ", 10),
)
CIVIL_STATUS = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A procedure much asked for. `weights`: its share of what departments, districts and communes receive."""

    name: str
    field: int
    levels: tuple[int, ...]
    limit: int
    weights: tuple[float, float, float]
    calendar: bool = False
    online: int = 4


ASKED: tuple[Asked, ...] = (
    Asked("Chứng thực bản sao từ bản chính giấy tờ, văn bản", 0, (2, 3), 1, (0, 0.30, 0.585)),
    Asked("Chứng thực chữ ký trong các giấy tờ, văn bản", 0, (2, 3), 1, (0, 0.06, 0.125)),
    Asked("Chứng thực hợp đồng, giao dịch liên quan đến tài sản", 0, (2, 3), 2, (0, 0.05, 0.035)),
    Asked("Đăng ký khai sinh", 1, (3,), 1, (0, 0, 0.060)),
    Asked("Đăng ký khai tử", 1, (3,), 1, (0, 0, 0.030)),
    Asked("Đăng ký kết hôn", 1, (3,), 1, (0, 0, 0.025)),
    Asked("Cấp giấy xác nhận tình trạng hôn nhân", 1, (3,), 3, (0, 0, 0.050)),
    Asked("Thay đổi, cải chính hộ tịch, bổ sung thông tin hộ tịch", 1, (2, 3), 3, (0, 0.04, 0.010)),
    Asked("Cấp bản sao trích lục hộ tịch", 1, (1, 2, 3), 1, (0.02, 0.05, 0.030)),
    Asked("Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội", 27, (2, 3), 10, (0, 0.01, 0.012)),
    Asked("Xác định mức độ khuyết tật", 27, (3,), 25, (0, 0, 0.006), calendar=True),
    Asked("Đăng ký biến động quyền sử dụng đất do chuyển nhượng, tặng cho, thừa kế", 5, (1, 2), 10, (0.03, 0.15, 0)),
    Asked("Tách thửa hoặc hợp thửa đất", 5, (1, 2), 15, (0.01, 0.05, 0), online=3),
    Asked("Cấp Giấy chứng nhận quyền sử dụng đất lần đầu", 5, (1, 2), 30, (0.01, 0.03, 0), online=3),
    Asked("Chuyển mục đích sử dụng đất", 5, (2,), 15, (0, 0.03, 0), online=3),
    Asked("Đăng ký thế chấp quyền sử dụng đất", 6, (2,), 1, (0, 0.08, 0)),
    Asked("Đăng ký thành lập hộ kinh doanh", 10, (2,), 3, (0, 0.06, 0)),
    Asked("Đăng ký thành lập công ty trách nhiệm hữu hạn", 11, (1,), 3, (0.08, 0, 0)),
    Asked("Đăng ký thay đổi nội dung đăng ký doanh nghiệp", 11, (1,), 3, (0.12, 0, 0)),
    Asked("Cấp phiếu lý lịch tư pháp cho công dân Việt Nam", 2, (1,), 10, (0.12, 0, 0), calendar=True),
    Asked("Đổi giấy phép lái xe do ngành Giao thông vận tải cấp", 16, (1,), 5, (0.22, 0, 0)),
    Asked("Đăng ký thực hiện khuyến mại", 14, (1,), 5, (0.04, 0, 0)),
    Asked("Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh", 21, (1,), 20, (0.03, 0, 0)),
    Asked("Cấp giấy phép xây dựng nhà ở riêng lẻ", 24, (2,), 15, (0, 0.03, 0)),
    Asked("Chỉnh sửa nội dung văn bằng, chứng chỉ", 19, (1, 2), 5, (0.02, 0.01, 0)),
    Asked("Cấp giấy phép lao động cho người lao động nước ngoài", 29, (1,), 5, (0.03, 0, 0)),
)

#: What the rest of the catalogue is named after: an act and what it is done to.
ACTS = (
    "Cấp mới",
    "Cấp lại",
    "Điều chỉnh",
    "Gia hạn",
    "Thu hồi",
    "Thẩm định",
    "Công nhận",
    "Phê duyệt",
    "Đăng ký",
    "Thông báo",
)
OBJECTS = (
    "giấy phép hoạt động",
    "giấy chứng nhận đủ điều kiện",
    "chứng chỉ hành nghề",
    "phương án",
    "hồ sơ thiết kế",
    "quyết định thành lập",
    "kế hoạch",
    "giấy xác nhận",
    "danh mục",
    "đề án",
)
#: Limits of the rest, in working days, departments' and the others'.
LIMITS = {1: (3, 5, 5, 7, 10, 10, 15, 15, 20, 30), 2: (3, 5, 5, 7, 10, 10, 15), 3: (1, 3, 3, 5, 7, 10)}
