"""The words that gateways everywhere use for the same few things, in several languages and spellings."""

from __future__ import annotations

from typing import Any, Final

NAMES_OF_IDS: Final = (
    "id", "ID", "Id", "_id", "uuid", "UUID", "guid", "task", "job", "no",
    "task_id", "taskId", "TaskId", "TaskID", "TASK_ID", "task-id", "video_id", "videoId", "job_id", "JobId",
    "generation_id", "generationId", "prediction_id", "render_id", "order_no", "orderNo", "task_no", "jobNo",
    "task_uuid", "taskUuid", "taskGUID", "video_task", "renderJob", "render_job", "external_task_id",
    "resource_id", "clipId", "result_id", "operation-id", "inference_id",
)  # fmt: skip
"""Any of these would make a reader think of an id. Those of requests, users, teams and keys are not here."""

NAMES_NOBODY_KNOWS: Final = (
    "aufgabe", "auftragsnummer", "identifiant", "tarea", "задача", "任务编号", "ジョブ番号", "작업", "handle",
    "reference", "ticket", "x", "receipt", "slug", "nummer", "クリップ", "t", "ref",
)  # fmt: skip
"""Under these an id may stand in an answer of success, where no reader can be sure to find it."""

BAGS: Final = (
    "data", "result", "output", "response", "payload", "detail", "error", "message", "body", "info", "meta",
    "task", "job", "video", "Data", "返回", "daten", "items",
)  # fmt: skip

TEMPTING: Final[tuple[dict[str, Any], ...]] = (
    {"code": 201, "message": "Accepted"},
    {"code": 1, "msg": "success"},
    {"code": 0, "msg": "ok", "warning": "your balance is low: 3 credits left"},
    {"code": 200, "message": "已接受 余额不足提醒"},
    {"error": {"message": "context deadline exceeded"}},
    {"error": "insufficient_quota soon; topped up automatically"},
    {"success": True, "message": "Auftrag angenommen"},
    {"success": False, "message": "réessayez plus tard"},
    {"status": "error", "message": "temporarily unavailable"},
    {"status": "failed", "message": "エラー"},
    {"status": "accepted"},
    {"state": "REJECTED", "detail": "unauthorized region, queued elsewhere"},
    {"message": "not enough credit for priority; queued"},
    {"errors": []},
    {"ok": 1},
    {"request_id": "req-77", "trace_id": "4bf92f35", "user_id": 12, "team": "blue"},
    {},
)
"""What else an answer may say: each of these has been taken for a yes or a no by some program."""

COMPLAINTS: Final[tuple[dict[str, Any], ...]] = (
    {"error": {"message": "Too many requests", "type": "rate_limit_error", "code": "rate_limited"}},
    {"error": {"message": "duplicate request", "code": "conflict"}},
    {"code": 400, "message": "Ungültige Anfrage"},
    {"code": "bad_request", "message": "请求无效"},
    {"detail": "Not Found"},
    {"detail": [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]},
    {"message": "Quota exceeded for requests per minute, retry in 12 s"},
    {"status": "fail", "reason": "запрос отклонён"},
    {"title": "Bad Request", "type": "about:blank", "status": 400, "traceId": "00-4bf92f"},
    {"error": "insufficient_quota", "request_id": "req-1"},
    {"success": False, "msg": "solicitud rechazada", "requestId": "r-2", "logId": "l-3"},
)

WORDS_OF_STATES: Final = (
    "unknown", "initializing", "preparing", "in_progress", "inqueue", "IN_QUEUE", "Pending", "NOT_START",
    "wird verarbeitet", "en cours", "处理中", "обработка", "procesando", "生成中", "대기중", "warming up",
    "", "0", "finalizing", "uploading",
)  # fmt: skip
"""What a task may be said to be while it runs."""

PAGES: Final = (
    "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Sign in</h1></body></html>",
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx</center></body></html>",
    "<html><body>404 page not found</body></html>",
    "<html><body>Wartungsarbeiten. Bitte später noch einmal versuchen.</body></html>",
    "404 page not found",
    "upstream connect error or disconnect/reset before headers",
    "<?xml version='1.0'?><Error><Code>AccessDenied</Code><RequestId>77</RequestId></Error>",
)
