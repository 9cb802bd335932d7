"""What the demonstration platform says, in both languages. It is another house: it has no part in our catalogues."""

from __future__ import annotations

LANGUAGES = ["vi", "en"]
WORDS = {
    "name": ("Nền tảng số thi hành án dân sự", "Civil judgment enforcement platform"),
    "demonstration": (
        "Minh hoạ: trang này không phải của cơ quan nào, hồ sơ là bịa ra.",
        "Demonstration: this site belongs to no authority, and its files are made up.",
    ),
    "home": ("Tra cứu hồ sơ thi hành án", "Look up your enforcement files"),
    "home_lead": (
        "Đăng nhập bằng tài khoản định danh điện tử để xem hồ sơ của bạn. Bạn không cần tạo tài khoản mới.",
        "Sign in with your electronic identity to see your files. You need no new account.",
    ),
    "sign_in": ("Đăng nhập bằng định danh điện tử", "Sign in with e-ID"),
    "sign_out": ("Đăng xuất", "Sign out"),
    "files": ("Hồ sơ của tôi", "My files"),
    "who": ("Tôi là ai", "Who am I"),
    "who_lead": (
        "Đây là những gì nền tảng này nhận được về bạn, không gì khác.",
        "This is what this platform was told about you, and nothing else.",
    ),
    "greeting": ("Xin chào", "Welcome"),
    "number": ("Số quyết định", "Decision"),
    "subject": ("Nội dung", "Subject"),
    "office": ("Cơ quan thi hành", "Office"),
    "state": ("Tình trạng", "State"),
    "opened": ("Ngày thụ lý", "Opened"),
    "failed": ("Đăng nhập không thành", "You were not signed in"),
    "stale": (
        "Lần đăng nhập này đã xong hoặc bắt đầu ở cửa sổ khác. Hãy đăng nhập lại.",
        "This sign-in is over, or began in another window. Sign in again.",
    ),
    "failed_lead": (
        "Không có gì bị mất. Bạn có thể thử lại.",
        "Nothing is lost. You can try again.",
    ),
    "declined": (
        "Bạn đã chọn không chia sẻ thông tin, nên chúng tôi không biết bạn là ai.",
        "You chose not to share your details, so we do not know who you are.",
    ),
    "reason": ("Lý do do cổng định danh báo", "Reason given by the identity portal"),
    "again": ("Thử lại", "Try again"),
    "claim": ("Thông tin", "Claim"),
    "value": ("Giá trị", "Value"),
    "sub": ("Mã của bạn ở đây (sub)", "Your name here (sub)"),
    "name_claim": ("Họ và tên (name)", "Full name (name)"),
    "birthdate": ("Ngày sinh (birthdate)", "Date of birth (birthdate)"),
    "nationality": ("Quốc tịch (nationality)", "Nationality (nationality)"),
    "personal_number": ("Số định danh (personal_number)", "Personal number (personal_number)"),
    "foreigner_number": ("Số định danh (foreigner_number)", "Identification number (foreigner_number)"),
    "phone_number": ("Số điện thoại (phone_number)", "Phone number (phone_number)"),
    "ial": ("Mức xác minh danh tính (ial)", "Identity level (ial)"),
    "acr": ("Mức xác thực (acr)", "Authentication level (acr)"),
    "amr": ("Cách xác thực (amr)", "Authentication methods (amr)"),
    "other": ("English", "Tiếng Việt"),
}


def words(tag: str) -> dict[str, str]:
    """Every text in this language."""
    position = LANGUAGES.index(tag)
    return {key: texts[position] for key, texts in WORDS.items()}
