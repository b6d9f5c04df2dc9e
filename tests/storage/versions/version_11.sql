BEGIN TRANSACTION;
CREATE TABLE allowed (
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (before, after)
) STRICT, WITHOUT ROWID;
INSERT INTO "allowed" VALUES('CANCELLED','CANCELLED');
INSERT INTO "allowed" VALUES('DELIVERED','DELIVERED');
INSERT INTO "allowed" VALUES('DELIVERED','DONE');
INSERT INTO "allowed" VALUES('DELIVERING','DELIVERED');
INSERT INTO "allowed" VALUES('DELIVERING','DELIVERING');
INSERT INTO "allowed" VALUES('DELIVERING','READY');
INSERT INTO "allowed" VALUES('DELIVERING','UNDELIVERABLE');
INSERT INTO "allowed" VALUES('DONE','DONE');
INSERT INTO "allowed" VALUES('FAILED','FAILED');
INSERT INTO "allowed" VALUES('LOST','LOST');
INSERT INTO "allowed" VALUES('LOST','READY');
INSERT INTO "allowed" VALUES('QUEUED','CANCELLED');
INSERT INTO "allowed" VALUES('QUEUED','SUBMITTING');
INSERT INTO "allowed" VALUES('READY','RESULT_GONE');
INSERT INTO "allowed" VALUES('READY','RUNNING');
INSERT INTO "allowed" VALUES('READY','STORED');
INSERT INTO "allowed" VALUES('REJECTED','REJECTED');
INSERT INTO "allowed" VALUES('RESULT_GONE','RESULT_GONE');
INSERT INTO "allowed" VALUES('RUNNING','FAILED');
INSERT INTO "allowed" VALUES('RUNNING','LOST');
INSERT INTO "allowed" VALUES('RUNNING','READY');
INSERT INTO "allowed" VALUES('RUNNING','RESULT_GONE');
INSERT INTO "allowed" VALUES('RUNNING','RUNNING');
INSERT INTO "allowed" VALUES('STORED','DELIVERING');
INSERT INTO "allowed" VALUES('SUBMITTING','QUEUED');
INSERT INTO "allowed" VALUES('SUBMITTING','REJECTED');
INSERT INTO "allowed" VALUES('SUBMITTING','RUNNING');
INSERT INTO "allowed" VALUES('SUBMITTING','UNKNOWN');
INSERT INTO "allowed" VALUES('UNDELIVERABLE','DELIVERING');
INSERT INTO "allowed" VALUES('UNDELIVERABLE','UNDELIVERABLE');
INSERT INTO "allowed" VALUES('UNKNOWN','DISMISSED');
INSERT INTO "allowed" VALUES('UNKNOWN','RUNNING');
INSERT INTO "allowed" VALUES('UNKNOWN','SUPERSEDED');
INSERT INTO "allowed" VALUES('UNKNOWN','UNKNOWN');
CREATE TABLE endings (
    state TEXT PRIMARY KEY,
    may_be_free INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "endings" VALUES('CANCELLED',1);
INSERT INTO "endings" VALUES('DISMISSED',0);
INSERT INTO "endings" VALUES('DONE',0);
INSERT INTO "endings" VALUES('FAILED',1);
INSERT INTO "endings" VALUES('LOST',1);
INSERT INTO "endings" VALUES('REJECTED',1);
INSERT INTO "endings" VALUES('RESULT_GONE',1);
INSERT INTO "endings" VALUES('SUPERSEDED',0);
INSERT INTO "endings" VALUES('UNDELIVERABLE',1);
CREATE TABLE erasures (
    pseudonym INTEGER PRIMARY KEY CHECK (pseudonym < 0),
    member_id INTEGER NOT NULL UNIQUE CHECK (member_id > 0),
    asked_at INTEGER NOT NULL,
    -- The periods in which the member's use goes on counting for the member, as a JSON array.
    held TEXT NOT NULL DEFAULT '[]'
) STRICT;
INSERT INTO "erasures" VALUES(-900104,104,1772391600000000,'["2026-03-01"]');
CREATE TABLE held_usage (
    pseudonym INTEGER NOT NULL REFERENCES erasures (pseudonym),
    period TEXT NOT NULL,
    videos INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (pseudonym, period)
) STRICT, WITHOUT ROWID;
INSERT INTO "held_usage" VALUES(-900104,'2026-03-01',1,420000);
CREATE TABLE job_events (
    line INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT,
    UNIQUE (job_id, version)
) STRICT;
INSERT INTO "job_events" VALUES(1,1,0,1772366460000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(2,1,1,1772366460000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(3,1,2,1772366460000000,'SUBMITTING','RUNNING','matinee','task-10');
INSERT INTO "job_events" VALUES(4,1,3,1772366469823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(5,1,4,1772366469823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(6,1,5,1772366469823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(7,1,6,1772366469823833,'DELIVERING','DELIVERED','matinee','501');
INSERT INTO "job_events" VALUES(8,1,7,1772366469823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(9,1,8,1772366469823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(10,2,0,1772366520000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(11,2,1,1772366520000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(12,2,2,1772366520000000,'SUBMITTING','RUNNING','matinee','task-20');
INSERT INTO "job_events" VALUES(13,2,3,1772366529823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(14,2,4,1772366529823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(15,2,5,1772366529823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(16,2,6,1772366529823833,'DELIVERING','DELIVERING','matinee','fit after too_large');
INSERT INTO "job_events" VALUES(17,2,7,1772366529823833,'DELIVERING','DELIVERED','matinee','502');
INSERT INTO "job_events" VALUES(18,2,8,1772366529823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(19,2,9,1772366529823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(20,3,0,1772366580000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(21,3,1,1772366580000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(22,3,2,1772366580000000,'SUBMITTING','RUNNING','matinee','task-30');
INSERT INTO "job_events" VALUES(23,3,3,1772366589823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(24,3,4,1772366589823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(25,3,5,1772366589823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(26,3,6,1772366589823833,'DELIVERING','DELIVERING','matinee','fit after too_large');
INSERT INTO "job_events" VALUES(27,3,7,1772366589823833,'DELIVERING','DELIVERING','matinee','link after not_fitted');
INSERT INTO "job_events" VALUES(28,3,8,1772366589823833,'DELIVERING','DELIVERED','matinee','503');
INSERT INTO "job_events" VALUES(29,3,9,1772366589823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(30,3,10,1772366589823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(31,4,0,1772366640000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(32,4,1,1772366640000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(33,4,2,1772366640000000,'SUBMITTING','RUNNING','matinee','task-40');
INSERT INTO "job_events" VALUES(34,4,3,1772366649823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(35,4,4,1772366649823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(36,4,5,1772366649823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(37,4,6,1772366649823833,'DELIVERING','DELIVERING','matinee','attach after closed');
INSERT INTO "job_events" VALUES(38,4,7,1772366649823833,'DELIVERING','DELIVERED','matinee','9080');
INSERT INTO "job_events" VALUES(39,4,8,1772366649823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(40,4,9,1772366649823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(41,5,0,1772366700000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(42,5,1,1772366700000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(43,5,2,1772366700000000,'SUBMITTING','RUNNING','matinee','task-50');
INSERT INTO "job_events" VALUES(44,5,3,1772366709823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(45,5,4,1772366709823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(46,5,5,1772366709823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(47,5,6,1772366709823833,'DELIVERING','DELIVERED','matinee','505');
INSERT INTO "job_events" VALUES(48,5,7,1772366709823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(49,6,0,1772366760000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(50,6,1,1772366760000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(51,6,2,1772366760000000,'SUBMITTING','RUNNING','matinee','task-60');
INSERT INTO "job_events" VALUES(52,6,3,1772366769823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(53,6,4,1772366769823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(54,6,5,1772366769823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(55,6,6,1772366769823833,'DELIVERING','DELIVERED','matinee','506');
INSERT INTO "job_events" VALUES(56,6,7,1772366769823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(57,6,8,1772366769823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(58,7,0,1772366820000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(59,7,1,1772366820000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(60,7,2,1772366820000000,'SUBMITTING','RUNNING','matinee','task-70');
INSERT INTO "job_events" VALUES(61,7,3,1772366829823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(62,7,4,1772366829823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(63,7,5,1772366829823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(64,7,6,1772366829823833,'DELIVERING','DELIVERED','matinee','9140');
INSERT INTO "job_events" VALUES(65,7,7,1772366829823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(66,7,8,1772366829823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(67,8,0,1772366880000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(68,8,1,1772366880000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(69,8,2,1772366880000000,'SUBMITTING','QUEUED','matinee','too many tasks');
INSERT INTO "job_events" VALUES(70,8,3,1772366895000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(71,8,4,1772366895000000,'SUBMITTING','RUNNING','matinee','task-80');
INSERT INTO "job_events" VALUES(72,8,5,1772366904650849,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(73,8,6,1772366904650849,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(74,8,7,1772366904650849,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(75,8,8,1772366904650849,'DELIVERING','DELIVERED','matinee','508');
INSERT INTO "job_events" VALUES(76,8,9,1772366904650849,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(77,8,10,1772366904650849,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(78,9,0,1772366940000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(79,9,1,1772366940000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(80,9,2,1772366940000000,'SUBMITTING','RUNNING','matinee','task-90');
INSERT INTO "job_events" VALUES(81,9,3,1772366949823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(82,9,4,1772366949823833,'READY','RUNNING','matinee','410');
INSERT INTO "job_events" VALUES(83,9,5,1772366949823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(84,9,6,1772366949823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(85,9,7,1772366949823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(86,9,8,1772366949823833,'DELIVERING','DELIVERED','matinee','509');
INSERT INTO "job_events" VALUES(87,9,9,1772366949823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(88,9,10,1772366949823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(89,10,0,1772367000000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(90,10,1,1772367000000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(91,10,2,1772367000000000,'SUBMITTING','RUNNING','matinee','task-100');
INSERT INTO "job_events" VALUES(92,10,3,1772367009823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(93,10,4,1772367009823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(94,10,5,1772367009823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(95,10,6,1772367009823833,'DELIVERING','DELIVERED','matinee','510');
INSERT INTO "job_events" VALUES(96,10,7,1772367009823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(97,10,8,1772367009823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(98,11,0,1772367060000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(99,11,1,1772367060000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(100,11,2,1772367060000000,'SUBMITTING','REJECTED','matinee','refused_request');
INSERT INTO "job_events" VALUES(101,11,3,1772367060000000,'REJECTED','REJECTED','matinee','told');
INSERT INTO "job_events" VALUES(102,12,0,1772367120000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(103,12,1,1772367120000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(104,12,2,1772367120000000,'SUBMITTING','REJECTED','matinee','refused_credit');
INSERT INTO "job_events" VALUES(105,12,3,1772367120000000,'REJECTED','REJECTED','matinee','told');
INSERT INTO "job_events" VALUES(106,13,0,1772367180000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(107,13,1,1772367180000000,'QUEUED','SUBMITTING','matinee','none');
INSERT INTO "job_events" VALUES(108,13,2,1772367180000000,'SUBMITTING','REJECTED','matinee','picture_lost');
INSERT INTO "job_events" VALUES(109,13,3,1772367180000000,'REJECTED','REJECTED','matinee','told');
INSERT INTO "job_events" VALUES(110,14,0,1772367240000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(111,14,1,1772367240000000,'QUEUED','SUBMITTING','matinee','none');
INSERT INTO "job_events" VALUES(112,14,2,1772367240000000,'SUBMITTING','REJECTED','matinee','picture_lost');
INSERT INTO "job_events" VALUES(113,15,0,1772367300000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(114,15,1,1772367300000000,'QUEUED','SUBMITTING','matinee','none');
INSERT INTO "job_events" VALUES(115,16,0,1772367360000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(116,16,1,1772367360000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(117,16,2,1772367360000000,'SUBMITTING','RUNNING','matinee','task-160');
INSERT INTO "job_events" VALUES(118,16,3,1772367369823833,'RUNNING','FAILED','matinee','failed');
INSERT INTO "job_events" VALUES(119,16,4,1772367369823833,'FAILED','FAILED','matinee','told');
INSERT INTO "job_events" VALUES(120,17,0,1772367420000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(121,17,1,1772367420000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(122,17,2,1772367420000000,'SUBMITTING','RUNNING','matinee','task-170');
INSERT INTO "job_events" VALUES(123,17,3,1772367429823833,'RUNNING','FAILED','matinee','cancelled');
INSERT INTO "job_events" VALUES(124,18,0,1772367480000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(125,18,1,1772367480000000,'QUEUED','CANCELLED','101',NULL);
INSERT INTO "job_events" VALUES(126,18,2,1772367480000000,'CANCELLED','CANCELLED','matinee','told');
INSERT INTO "job_events" VALUES(127,19,0,1772367540000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(128,19,1,1772367540000000,'QUEUED','CANCELLED','0',NULL);
INSERT INTO "job_events" VALUES(129,19,2,1772367540000000,'CANCELLED','CANCELLED','matinee','told');
INSERT INTO "job_events" VALUES(130,20,0,1772367600000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(131,20,1,1772367600000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(132,20,2,1772367600000000,'SUBMITTING','RUNNING','matinee','task-200');
INSERT INTO "job_events" VALUES(133,21,0,1772367660000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(134,21,1,1772367660000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(135,21,2,1772367660000000,'SUBMITTING','RUNNING','matinee','task-210');
INSERT INTO "job_events" VALUES(136,22,0,1772367720000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(137,22,1,1772367720000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(138,22,2,1772367720000000,'SUBMITTING','RUNNING','matinee','task-220');
INSERT INTO "job_events" VALUES(139,22,3,1772367729823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(140,22,4,1772367729823833,'READY','RUNNING','matinee','410');
INSERT INTO "job_events" VALUES(141,22,5,1772367729823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(142,22,6,1772367729823833,'READY','RUNNING','matinee','410');
INSERT INTO "job_events" VALUES(143,22,7,1772367744823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(144,22,8,1772367744823833,'READY','RUNNING','matinee','410');
INSERT INTO "job_events" VALUES(145,23,0,1772367780000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(146,23,1,1772367780000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(147,23,2,1772367780000000,'SUBMITTING','RUNNING','matinee','task-230');
INSERT INTO "job_events" VALUES(148,23,3,1772367789823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(149,23,4,1772367789823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(150,23,5,1772367789823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(151,23,6,1772367789823833,'DELIVERING','DELIVERING','matinee','fit after too_large');
INSERT INTO "job_events" VALUES(152,23,7,1772367789823833,'DELIVERING','DELIVERING','matinee','link after not_fitted');
INSERT INTO "job_events" VALUES(153,23,8,1772367789823833,'DELIVERING','UNDELIVERABLE','matinee','too_large');
INSERT INTO "job_events" VALUES(154,23,9,1772367789823833,'UNDELIVERABLE','UNDELIVERABLE','matinee','told');
INSERT INTO "job_events" VALUES(155,24,0,1772367840000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(156,24,1,1772367840000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(157,24,2,1772367840000000,'SUBMITTING','RUNNING','matinee','task-240');
INSERT INTO "job_events" VALUES(158,24,3,1772367849823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(159,24,4,1772367849823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(160,24,5,1772367849823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(161,24,6,1772367849823833,'DELIVERING','DELIVERING','matinee','attach after closed');
INSERT INTO "job_events" VALUES(162,24,7,1772367849823833,'DELIVERING','UNDELIVERABLE','matinee','nobody_there');
INSERT INTO "job_events" VALUES(163,24,8,1772367849823833,'UNDELIVERABLE','UNDELIVERABLE','matinee','told');
INSERT INTO "job_events" VALUES(164,24,9,1772367849823833,'UNDELIVERABLE','DELIVERING','102','once more');
INSERT INTO "job_events" VALUES(165,24,10,1772367849823833,'DELIVERING','DELIVERING','matinee','attach after closed');
INSERT INTO "job_events" VALUES(166,24,11,1772367849823833,'DELIVERING','DELIVERED','matinee','524');
INSERT INTO "job_events" VALUES(167,24,12,1772367849823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(168,24,13,1772367849823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(169,25,0,1772367900000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(170,25,1,1772367900000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(171,25,2,1772367900000000,'SUBMITTING','UNKNOWN','matinee','outcome_unknown');
INSERT INTO "job_events" VALUES(172,25,3,1772367900000000,'UNKNOWN','UNKNOWN','matinee','told');
INSERT INTO "job_events" VALUES(173,25,4,1772367900000000,'UNKNOWN','DISMISSED','101',NULL);
INSERT INTO "job_events" VALUES(174,26,0,1772367960000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(175,26,1,1772367960000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(176,26,2,1772367960000000,'SUBMITTING','UNKNOWN','matinee','outcome_unknown');
INSERT INTO "job_events" VALUES(177,26,3,1772367960000000,'UNKNOWN','UNKNOWN','matinee','told');
INSERT INTO "job_events" VALUES(178,26,4,1772367960000000,'UNKNOWN','SUPERSEDED','999',NULL);
INSERT INTO "job_events" VALUES(179,22,9,1772367984823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(180,22,10,1772367984823833,'READY','RUNNING','matinee','410');
INSERT INTO "job_events" VALUES(181,20,3,1772368210897757,'RUNNING','LOST','matinee','forgotten');
INSERT INTO "job_events" VALUES(182,20,4,1772368210897757,'LOST','LOST','matinee','told');
INSERT INTO "job_events" VALUES(183,31,0,1772368260000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(184,32,0,1772368320000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(185,32,1,1772368320000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(186,32,2,1772368320000000,'SUBMITTING','QUEUED','matinee','too many tasks');
INSERT INTO "job_events" VALUES(187,33,0,1772368380000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(188,34,0,1772368440000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(189,34,1,1772368440000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(190,35,0,1772368500000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(191,35,1,1772368500000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(192,36,0,1772368560000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(193,36,1,1772368560000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(194,36,2,1772368560000000,'SUBMITTING','RUNNING','matinee','task-360');
INSERT INTO "job_events" VALUES(195,37,0,1772368620000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(196,37,1,1772368620000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(197,37,2,1772368620000000,'SUBMITTING','RUNNING','matinee','task-370');
INSERT INTO "job_events" VALUES(198,38,0,1772368680000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(199,38,1,1772368680000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(200,38,2,1772368680000000,'SUBMITTING','RUNNING','matinee','task-380');
INSERT INTO "job_events" VALUES(201,38,3,1772368689823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(202,39,0,1772368740000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(203,39,1,1772368740000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(204,39,2,1772368740000000,'SUBMITTING','RUNNING','matinee','task-390');
INSERT INTO "job_events" VALUES(205,39,3,1772368749823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(206,39,4,1772368749823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(207,40,0,1772368800000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(208,40,1,1772368800000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(209,40,2,1772368800000000,'SUBMITTING','RUNNING','matinee','task-400');
INSERT INTO "job_events" VALUES(210,40,3,1772368809823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(211,40,4,1772368809823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(212,40,5,1772368809823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(213,41,0,1772368860000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(214,41,1,1772368860000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(215,41,2,1772368860000000,'SUBMITTING','RUNNING','matinee','task-410');
INSERT INTO "job_events" VALUES(216,41,3,1772368869823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(217,41,4,1772368869823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(218,41,5,1772368869823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(219,41,6,1772368869823833,'DELIVERING','DELIVERING','matinee','fit after too_large');
INSERT INTO "job_events" VALUES(220,42,0,1772368920000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(221,42,1,1772368920000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(222,42,2,1772368920000000,'SUBMITTING','RUNNING','matinee','task-420');
INSERT INTO "job_events" VALUES(223,42,3,1772368929823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(224,42,4,1772368929823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(225,42,5,1772368929823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(226,42,6,1772368929823833,'DELIVERING','DELIVERING','matinee','fit after too_large');
INSERT INTO "job_events" VALUES(227,42,7,1772368929823833,'DELIVERING','DELIVERING','matinee','link after not_fitted');
INSERT INTO "job_events" VALUES(228,43,0,1772368980000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(229,43,1,1772368980000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(230,43,2,1772368980000000,'SUBMITTING','RUNNING','matinee','task-430');
INSERT INTO "job_events" VALUES(231,43,3,1772368989823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(232,43,4,1772368989823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(233,43,5,1772368989823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(234,43,6,1772368989823833,'DELIVERING','DELIVERED','matinee','543');
INSERT INTO "job_events" VALUES(235,44,0,1772369040000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(236,44,1,1772369040000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(237,44,2,1772369040000000,'SUBMITTING','RUNNING','matinee','task-440');
INSERT INTO "job_events" VALUES(238,44,3,1772369049823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(239,44,4,1772369049823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(240,44,5,1772369049823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(241,44,6,1772369049823833,'DELIVERING','DELIVERED','matinee','544');
INSERT INTO "job_events" VALUES(242,44,7,1772369049823833,'DELIVERED','DELIVERED','matinee','pinging');
INSERT INTO "job_events" VALUES(243,45,0,1772369100000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(244,45,1,1772369100000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(245,45,2,1772369100000000,'SUBMITTING','UNKNOWN','matinee','outcome_unknown');
INSERT INTO "job_events" VALUES(246,46,0,1772369160000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(247,46,1,1772369160000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(248,46,2,1772369160000000,'SUBMITTING','UNKNOWN','matinee','outcome_unknown');
INSERT INTO "job_events" VALUES(249,46,3,1772369160000000,'UNKNOWN','UNKNOWN','matinee','told');
INSERT INTO "job_events" VALUES(250,47,0,1772369220000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(251,47,1,1772369220000000,'QUEUED','SUBMITTING','matinee','anyint');
INSERT INTO "job_events" VALUES(252,47,2,1772369220000000,'SUBMITTING','RUNNING','matinee','task-470');
INSERT INTO "job_events" VALUES(253,47,3,1772369229823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(254,47,4,1772369229823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(255,47,5,1772369229823833,'STORED','DELIVERING','matinee','attach');
INSERT INTO "job_events" VALUES(256,47,6,1772369229823833,'DELIVERING','DELIVERING','matinee','attach after closed');
INSERT INTO "job_events" VALUES(257,47,7,1772369229823833,'DELIVERING','UNDELIVERABLE','matinee','nobody_there');
INSERT INTO "job_events" VALUES(258,47,8,1772369229823833,'UNDELIVERABLE','UNDELIVERABLE','matinee','told');
INSERT INTO "job_events" VALUES(259,47,9,1772369229823833,'UNDELIVERABLE','DELIVERING','0','once more');
INSERT INTO "job_events" VALUES(260,51,0,1772369460000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(261,51,1,1772369460000000,'QUEUED','SUBMITTING','matinee',NULL);
INSERT INTO "job_events" VALUES(262,51,2,1772369460000000,'SUBMITTING','RUNNING','matinee',NULL);
INSERT INTO "job_events" VALUES(263,51,3,1772369469823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(264,51,4,1772369469823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(265,51,5,1772369469823833,'STORED','DELIVERING','matinee',NULL);
INSERT INTO "job_events" VALUES(266,51,6,1772369469823833,'DELIVERING','DELIVERED','matinee',NULL);
INSERT INTO "job_events" VALUES(267,51,7,1772369469823833,'DELIVERED','DELIVERED','matinee',NULL);
INSERT INTO "job_events" VALUES(268,51,8,1772369469823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(269,52,0,1772369520000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(270,52,1,1772369520000000,'QUEUED','SUBMITTING','matinee',NULL);
INSERT INTO "job_events" VALUES(271,52,2,1772369520000000,'SUBMITTING','RUNNING','matinee',NULL);
INSERT INTO "job_events" VALUES(272,52,3,1772369529823833,'RUNNING','FAILED','matinee',NULL);
INSERT INTO "job_events" VALUES(273,52,4,1772369529823833,'FAILED','FAILED','matinee',NULL);
INSERT INTO "job_events" VALUES(274,53,0,1772369580000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(275,53,1,1772369580000000,'QUEUED','SUBMITTING','matinee',NULL);
INSERT INTO "job_events" VALUES(276,53,2,1772369580000000,'SUBMITTING','RUNNING','matinee',NULL);
INSERT INTO "job_events" VALUES(277,53,3,1772369589823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(278,53,4,1772369589823833,'READY','STORED','matinee',NULL);
INSERT INTO "job_events" VALUES(279,53,5,1772369589823833,'STORED','DELIVERING','matinee',NULL);
INSERT INTO "job_events" VALUES(280,53,6,1772369589823833,'DELIVERING','DELIVERED','matinee',NULL);
INSERT INTO "job_events" VALUES(281,53,7,1772369589823833,'DELIVERED','DELIVERED','matinee',NULL);
INSERT INTO "job_events" VALUES(282,53,8,1772369589823833,'DELIVERED','DONE','matinee',NULL);
INSERT INTO "job_events" VALUES(283,54,0,1772369640000000,NULL,'QUEUED','member',NULL);
INSERT INTO "job_events" VALUES(284,22,11,1772369784823833,'RUNNING','READY','matinee',NULL);
INSERT INTO "job_events" VALUES(285,22,12,1772369784823833,'READY','RESULT_GONE','matinee','result_gone');
INSERT INTO "job_events" VALUES(286,22,13,1772369784823833,'RESULT_GONE','RESULT_GONE','matinee','told');
INSERT INTO "job_events" VALUES(287,21,3,1772456360443846,'RUNNING','LOST','matinee','unproved');
INSERT INTO "job_events" VALUES(288,21,4,1772456360443846,'LOST','LOST','matinee','told');
INSERT INTO "job_events" VALUES(289,51,9,1773230400000000,'DONE','DONE','matinee','erased');
INSERT INTO "job_events" VALUES(290,52,5,1773230400000000,'FAILED','FAILED','matinee','erased');
INSERT INTO "job_events" VALUES(291,53,9,1772391600000000,'DONE','DONE','matinee','erased');
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    -- What no move changes: who ordered it, where, when, and what it is a re-run of.
    requester_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    guild_id INTEGER,
    ordered_at INTEGER NOT NULL,
    parent_id INTEGER,

    state TEXT NOT NULL CHECK (state IN (
        'QUEUED', 'SUBMITTING', 'RUNNING', 'READY', 'STORED', 'DELIVERING', 'DELIVERED', 'DONE',
        'UNKNOWN', 'REJECTED', 'FAILED', 'CANCELLED', 'LOST', 'RESULT_GONE', 'UNDELIVERABLE',
        'DISMISSED', 'SUPERSEDED'
    )),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    next_at INTEGER,
    actor TEXT NOT NULL,
    detail TEXT,

    price INTEGER,
    attempts INTEGER NOT NULL,
    provider TEXT,
    submitted_at INTEGER,

    -- The job's parts, as JSON objects.
    request TEXT NOT NULL,
    destination TEXT NOT NULL,
    ticket TEXT,
    result TEXT,
    video TEXT,
    delivery TEXT,
    reason TEXT, limits TEXT,

    -- A job that has not ended is looked at again.
    CHECK (next_at IS NOT NULL OR state IN (
        'DONE', 'REJECTED', 'FAILED', 'CANCELLED', 'LOST', 'RESULT_GONE', 'UNDELIVERABLE',
        'DISMISSED', 'SUPERSEDED'
    ))
) STRICT;
INSERT INTO "jobs" VALUES(1,101,7,301,1772366460000000,NULL,'DONE',8,1772366469823833,NULL,'matinee',NULL,420000,1,'anyint',1772366460000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":501,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-10","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-10.mp4","seen_at":1772366469823833,"others":[],"mark":"cb4468eb18e04abd","is_proved":true,"model":null,"seconds":null}','{"file":"video-1.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":501,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(2,102,7,301,1772366520000000,NULL,'DONE',9,1772366529823833,NULL,'matinee',NULL,420000,1,'anyint',1772366520000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":502,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-20","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-20.mp4","seen_at":1772366529823833,"others":[],"mark":"023032d05e22ebc4","is_proved":true,"model":null,"seconds":null}','{"file":"video-2.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"fit","attempt":2,"channel_id":7,"message_id":502,"why":"too_large","refused":1,"is_direct":false,"may_be_there":false}',NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(3,101,7,301,1772366580000000,NULL,'DONE',10,1772366589823833,NULL,'matinee',NULL,420000,1,'anyint',1772366580000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":503,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-30","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-30.mp4","seen_at":1772366589823833,"others":[],"mark":"7016c7bd009f4238","is_proved":true,"model":null,"seconds":null}','{"file":"video-3.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"link","attempt":3,"channel_id":7,"message_id":503,"why":"not_fitted","refused":1,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(4,102,7,301,1772366640000000,NULL,'DONE',9,1772366649823833,NULL,'matinee',NULL,420000,1,'anyint',1772366640000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":504,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-40","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-40.mp4","seen_at":1772366649823833,"others":[],"mark":"a06485c098b3de8d","is_proved":true,"model":null,"seconds":null}','{"file":"video-4.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":2,"channel_id":999,"message_id":9080,"why":"closed","refused":0,"is_direct":true,"may_be_there":false}',NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(5,101,71,NULL,1772366700000000,NULL,'DONE',7,1772366709823833,NULL,'matinee',NULL,420000,1,'anyint',1772366700000000,'{"model":"kling-v3","prompt":"a \"quoted\" boat\n\u26f5 with sails","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":71,"guild_id":null,"card_id":505,"upload_limit":null,"is_private":true,"wants_ping":false,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-50","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-50.mp4","seen_at":1772366709823833,"others":[],"mark":"ecec074e50af50e1","is_proved":true,"model":null,"seconds":null}','{"file":"video-5.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":71,"message_id":505,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(6,101,73,301,1772366760000000,1,'DONE',8,1772366769823833,NULL,'matinee',NULL,420000,1,'anyint',1772366760000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"https://cdn.example/a.png?x=1","reference":null}','{"requester_id":101,"channel_id":73,"guild_id":301,"card_id":506,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":8801,"prompt_channel_id":72}','{"provider":"anyint","task_id":"task-60","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-60.mp4","seen_at":1772366769823833,"others":[],"mark":"b60d743a508391c9","is_proved":true,"model":null,"seconds":null}','{"file":"video-6.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":73,"message_id":506,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(7,101,7,301,1772366820000000,NULL,'DONE',8,1772366829823833,NULL,'matinee',NULL,420000,1,'anyint',1772366820000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"picture:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f.png","reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":507,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":true,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-70","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-70.mp4","seen_at":1772366829823833,"others":[],"mark":"0aed2bace87f6a09","is_proved":true,"model":null,"seconds":null}','{"file":"video-7.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":999,"message_id":9140,"why":null,"refused":0,"is_direct":true,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(8,101,7,301,1772366880000000,NULL,'DONE',10,1772366904650849,NULL,'matinee',NULL,420000,2,'anyint',1772366895000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":508,"upload_limit":8388608,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-80","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-80.mp4","seen_at":1772366904650849,"others":[],"mark":"f4d1b02f2ae798ee","is_proved":true,"model":null,"seconds":null}','{"file":"video-8.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":508,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(9,101,7,301,1772366940000000,NULL,'DONE',10,1772366949823833,NULL,'matinee',NULL,420000,1,'anyint',1772366940000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":509,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-90","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-90.mp4","seen_at":1772366949823833,"others":[],"mark":"b4b0efe019ce5b50","is_proved":true,"model":null,"seconds":null}','{"file":"video-9.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":509,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(10,101,7,301,1772367000000000,NULL,'DONE',8,1772367009823833,NULL,'matinee',NULL,750000,1,'anyint',1772367000000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":510,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-100","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-100.mp4","seen_at":1772367009823833,"others":[],"mark":"825e291c0154ad47","is_proved":true,"model":null,"seconds":null}','{"file":"video-10.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":510,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(11,101,7,301,1772367060000000,NULL,'REJECTED',3,1772367060000000,NULL,'matinee','told',420000,1,'anyint',1772367060000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":511,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"refused_request","said":"The provider refused this request: the prompt is not allowed. Nothing was charged. Change it and try again.","charge":"nothing"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(12,102,7,301,1772367120000000,NULL,'REJECTED',3,1772367120000000,NULL,'matinee','told',420000,1,'anyint',1772367120000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":512,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"refused_credit","said":"The provider''s balance is used up. Nothing was charged. Whoever runs this bot has to top it up.","charge":"nothing"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(13,101,7,301,1772367180000000,NULL,'REJECTED',3,1772367180000000,NULL,'matinee','told',420000,1,'none',1772367180000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"picture:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f.png","reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":513,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"picture_lost","said":"I could not show the picture of this request to the provider: my copy of it is gone, or the message through which I show it. Nothing was charged. Attach the picture to a new request.","charge":"nothing"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(14,102,7,301,1772367240000000,NULL,'REJECTED',2,1772367240000000,1772367240000000,'matinee','picture_lost',420000,1,'none',1772367240000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"picture:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f.png","reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":514,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"picture_lost","said":"I could not show the picture of this request to the provider: my copy of it is gone, or the message through which I show it. Nothing was charged. Attach the picture to a new request.","charge":"nothing"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(15,101,7,301,1772367300000000,NULL,'SUBMITTING',1,1772367300000000,1772367300000000,'matinee','none',420000,1,'none',1772367300000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"picture:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f.png","reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":515,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(16,101,7,301,1772367360000000,NULL,'FAILED',4,1772367369823833,NULL,'matinee','told',420000,1,'anyint',1772367360000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":516,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-160","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,'{"code":"failed","said":"The provider could not make this video: content rejected by the model. Failed videos are usually not charged. Change the prompt or the picture, or try again.","charge":"perhaps"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(17,102,7,301,1772367420000000,NULL,'FAILED',3,1772367429823833,1772367429823833,'matinee','cancelled',420000,1,'anyint',1772367420000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":517,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-170","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,'{"code":"cancelled","said":"The provider cancelled this video. Failed videos are usually not charged. Change the prompt or the picture, or try again.","charge":"perhaps"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(18,101,7,301,1772367480000000,NULL,'CANCELLED',2,1772367480000000,NULL,'matinee','told',420000,0,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":518,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"cancelled","said":"Cancelled before it was sent. Nothing was charged.","charge":"nothing"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(19,102,7,301,1772367540000000,NULL,'CANCELLED',2,1772367540000000,NULL,'matinee','told',420000,0,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":519,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"cancelled","said":"Whoever runs this bot cancelled this before it was sent. Nothing was charged.","charge":"nothing"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(20,101,7,301,1772367600000000,NULL,'LOST',4,1772368210897757,NULL,'matinee','told',420000,1,'anyint',1772367600000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":520,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-200","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,'{"code":"forgotten","said":"The provider no longer knows this task, so no video will come. It may have been charged; whoever runs this bot can see the task and ask the provider.","charge":"perhaps"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(21,102,7,301,1772367660000000,NULL,'LOST',4,1772456360443846,NULL,'matinee','told',420000,1,'anyint',1772367660000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":521,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-210","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/21.mp4","seen_at":1772456360443846,"others":[],"mark":null,"is_proved":false,"model":null,"seconds":null}',NULL,NULL,'{"code":"unproved","said":"For a whole day the provider has not said clearly how this video ended, so I have stopped asking. It may have been charged; whoever runs this bot can look at what was offered and bring it to you.","charge":"perhaps"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(22,101,7,301,1772367720000000,NULL,'RESULT_GONE',13,1772369784823833,NULL,'matinee','told',420000,1,'anyint',1772367720000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":522,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-220","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-220.mp4","seen_at":1772369784823833,"others":[],"mark":"acdfe4034f43e592","is_proved":true,"model":null,"seconds":null}',NULL,NULL,'{"code":"result_gone","said":"The provider made the video, but it could not be fetched again and again, so I have given up. It was probably charged; whoever runs this bot can see the task and ask the provider.","charge":"full"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(23,101,7,301,1772367780000000,NULL,'UNDELIVERABLE',9,1772367789823833,NULL,'matinee','told',420000,1,'anyint',1772367780000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":523,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-230","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-230.mp4","seen_at":1772367789823833,"others":[],"mark":"e18aa398d7e7b2a6","is_proved":true,"model":null,"seconds":null}','{"file":"video-23.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"link","attempt":3,"channel_id":7,"message_id":null,"why":"not_fitted","refused":1,"is_direct":false,"may_be_there":false}','{"code":"too_large","said":"The video is finished and was charged, but its file is larger than Discord takes here. It is kept: press \ud83d\udce5, or ask whoever runs this bot to hand it over.","charge":"full"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(24,102,7,301,1772367840000000,NULL,'DONE',13,1772367849823833,NULL,'matinee',NULL,420000,1,'anyint',1772367840000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":524,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-240","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-240.mp4","seen_at":1772367849823833,"others":[],"mark":"33e653a9d0f27236","is_proved":true,"model":null,"seconds":null}','{"file":"video-24.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":3,"channel_id":7,"message_id":524,"why":"closed","refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(25,101,7,301,1772367900000000,NULL,'DISMISSED',4,1772367900000000,NULL,'101',NULL,420000,1,'anyint',1772367900000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":525,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"outcome_unknown","said":"The provider did not confirm this request. It may be running, and it may be charged. I will not send it again by myself.","charge":"perhaps"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(26,102,7,301,1772367960000000,NULL,'SUPERSEDED',4,1772367960000000,NULL,'999',NULL,420000,1,'anyint',1772367960000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":526,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"outcome_unknown","said":"The provider did not confirm this request. It may be running, and it may be charged. I will not send it again by myself.","charge":"perhaps"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(31,101,7,301,1772368260000000,NULL,'QUEUED',0,1772368260000000,1772368260000000,'member',NULL,420000,0,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":531,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(32,102,7,301,1772368320000000,NULL,'QUEUED',2,1772368320000000,1772368335000000,'matinee','too many tasks',420000,1,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":532,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(33,101,7,301,1772368380000000,NULL,'QUEUED',0,1772368380000000,1772368380000000,'member',NULL,420000,0,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":"picture:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f.png","reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":533,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(34,101,7,301,1772368440000000,NULL,'SUBMITTING',1,1772368440000000,1772368440000000,'matinee','anyint',420000,1,'anyint',1772368440000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":534,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(35,102,7,301,1772368500000000,NULL,'SUBMITTING',1,1772368500000000,1772368500000000,'matinee','anyint',420000,1,'anyint',1772368500000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":535,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(36,101,7,301,1772368560000000,NULL,'RUNNING',2,1772368560000000,1772368570000000,'matinee','task-360',420000,1,'anyint',1772368560000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":536,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-360","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(37,102,7,301,1772368620000000,NULL,'RUNNING',2,1772368620000000,1772368630000000,'matinee','task-370',420000,1,'anyint',1772368620000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":537,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-370","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(38,101,7,301,1772368680000000,NULL,'READY',3,1772368689823833,1772368689823833,'matinee',NULL,420000,1,'anyint',1772368680000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":538,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-380","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-380.mp4","seen_at":1772368689823833,"others":[],"mark":"da08716df8664366","is_proved":true,"model":null,"seconds":null}',NULL,NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(39,101,7,301,1772368740000000,NULL,'STORED',4,1772368749823833,1772368749823833,'matinee',NULL,420000,1,'anyint',1772368740000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":539,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-390","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-390.mp4","seen_at":1772368749823833,"others":[],"mark":"3614455b3aaf9bbb","is_proved":true,"model":null,"seconds":null}','{"file":"video-39.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}',NULL,NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(40,102,7,301,1772368800000000,NULL,'DELIVERING',5,1772368809823833,1772368809823833,'matinee','attach',420000,1,'anyint',1772368800000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":540,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-400","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-400.mp4","seen_at":1772368809823833,"others":[],"mark":"9f2b856a17cff381","is_proved":true,"model":null,"seconds":null}','{"file":"video-40.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":null,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(41,101,7,301,1772368860000000,NULL,'DELIVERING',6,1772368869823833,1772368869823833,'matinee','fit after too_large',420000,1,'anyint',1772368860000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":541,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-410","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-410.mp4","seen_at":1772368869823833,"others":[],"mark":"932f3110b8fa0745","is_proved":true,"model":null,"seconds":null}','{"file":"video-41.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"fit","attempt":2,"channel_id":7,"message_id":null,"why":"too_large","refused":1,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(42,101,7,301,1772368920000000,NULL,'DELIVERING',7,1772368929823833,1772368929823833,'matinee','link after not_fitted',420000,1,'anyint',1772368920000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":542,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-420","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-420.mp4","seen_at":1772368929823833,"others":[],"mark":"bbee00e8ff25e494","is_proved":true,"model":null,"seconds":null}','{"file":"video-42.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"link","attempt":3,"channel_id":7,"message_id":null,"why":"not_fitted","refused":1,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(43,101,7,301,1772368980000000,NULL,'DELIVERED',6,1772368989823833,1772368989823833,'matinee','543',420000,1,'anyint',1772368980000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":543,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-430","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-430.mp4","seen_at":1772368989823833,"others":[],"mark":"bd52d7a6e89837f5","is_proved":true,"model":null,"seconds":null}','{"file":"video-43.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":543,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(44,101,7,301,1772369040000000,NULL,'DELIVERED',7,1772369049823833,1772369049823833,'matinee','pinging',420000,1,'anyint',1772369040000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":544,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-440","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-440.mp4","seen_at":1772369049823833,"others":[],"mark":"ba5856e5ffa41a55","is_proved":true,"model":null,"seconds":null}','{"file":"video-44.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"attach","attempt":1,"channel_id":7,"message_id":544,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(45,101,7,301,1772369100000000,NULL,'UNKNOWN',2,1772369100000000,1772369100000000,'matinee','outcome_unknown',420000,1,'anyint',1772369100000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":545,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"outcome_unknown","said":"The provider did not confirm this request. It may be running, and it may be charged. I will not send it again by myself.","charge":"perhaps"}','[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(46,102,7,301,1772369160000000,NULL,'UNKNOWN',3,1772369160000000,1772455560000000,'matinee','told',420000,1,'anyint',1772369160000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":102,"channel_id":7,"guild_id":301,"card_id":546,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,'{"code":"outcome_unknown","said":"The provider did not confirm this request. It may be running, and it may be charged. I will not send it again by myself.","charge":"perhaps"}','[["member",102,"","open_jobs",40],["member",102,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(47,101,7,301,1772369220000000,NULL,'DELIVERING',9,1772369229823833,1772369229823833,'0','once more',420000,1,'anyint',1772369220000000,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":101,"channel_id":7,"guild_id":301,"card_id":547,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-470","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}','{"url":"https://clips.example/task-470.mp4","seen_at":1772369229823833,"others":[],"mark":"97d1242f1f537b18","is_proved":true,"model":null,"seconds":null}','{"file":"video-47.mp4","size":40,"sha256":"6f9fdeeb0dfd05505cb68c82c9ce905b3fadaf0edf332998783638e1d727b6cf"}','{"plan":"anew","attempt":3,"channel_id":7,"message_id":null,"why":"closed","refused":0,"is_direct":false,"may_be_there":false}',NULL,'[["member",101,"","open_jobs",40],["member",101,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
INSERT INTO "jobs" VALUES(51,-900103,7,301,1772369460000000,NULL,'DONE',9,1773230400000000,NULL,'matinee','erased',420000,1,'anyint',1772369460000000,'{"model":"kling-v3","prompt":"","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":-900103,"channel_id":7,"guild_id":301,"card_id":551,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-510","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,'{"plan":"attach","attempt":1,"channel_id":7,"message_id":551,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,NULL);
INSERT INTO "jobs" VALUES(52,-900103,0,NULL,1772369520000000,NULL,'FAILED',5,1773230400000000,NULL,'matinee','erased',420000,1,'anyint',1772369520000000,'{"model":"kling-v3","prompt":"","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":-900103,"channel_id":0,"guild_id":null,"card_id":552,"upload_limit":null,"is_private":true,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-520","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,NULL,'{"code":"failed","said":"What was asked for here has been erased, as its member wished.","charge":"perhaps"}',NULL);
INSERT INTO "jobs" VALUES(53,-900104,7,301,1772369580000000,NULL,'DONE',9,1772391600000000,NULL,'matinee','erased',420000,1,'anyint',1772369580000000,'{"model":"kling-v3","prompt":"","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":-900104,"channel_id":7,"guild_id":301,"card_id":553,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}','{"provider":"anyint","task_id":"task-530","family":"videos","base_url":"https://gateway.example","key_fingerprint":"k1","external_id":null}',NULL,NULL,'{"plan":"attach","attempt":1,"channel_id":7,"message_id":553,"why":null,"refused":0,"is_direct":false,"may_be_there":false}',NULL,NULL);
INSERT INTO "jobs" VALUES(54,104,7,301,1772369640000000,NULL,'QUEUED',0,1772369640000000,1772369640000000,'member',NULL,420000,0,NULL,NULL,'{"model":"kling-v3","prompt":"a paper boat","duration_seconds":5,"aspect_ratio":"16:9","mode":"std","audio":false,"first_frame":null,"reference":null}','{"requester_id":104,"channel_id":7,"guild_id":301,"card_id":554,"upload_limit":null,"is_private":false,"wants_ping":true,"is_guest":false,"prompt_id":null,"prompt_channel_id":null}',NULL,NULL,NULL,NULL,NULL,'[["member",104,"","open_jobs",40],["member",104,"2026-03-01","videos",90],["bot",0,"2026-03","money",90000000]]');
CREATE TABLE "ledger" (
    line INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    booking TEXT NOT NULL CHECK (booking IN ('reserved', 'raised', 'freed', 'returned', 'settled')),
    open_jobs INTEGER NOT NULL,
    videos INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    spent INTEGER NOT NULL CHECK (spent >= 0)
) STRICT;
INSERT INTO "ledger" VALUES(1,1,1772366460000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(2,1,1772366469823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(3,2,1772366520000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(4,2,1772366529823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(5,3,1772366580000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(6,3,1772366589823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(7,4,1772366640000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(8,4,1772366649823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(9,5,1772366700000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(10,5,1772366709823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(11,6,1772366760000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(12,6,1772366769823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(13,7,1772366820000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(14,7,1772366829823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(15,8,1772366880000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(16,8,1772366904650849,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(17,9,1772366940000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(18,9,1772366949823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(19,10,1772367000000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(20,10,1772367000000000,'raised',0,0,330000,0);
INSERT INTO "ledger" VALUES(21,10,1772367009823833,'settled',-1,0,-750000,750000);
INSERT INTO "ledger" VALUES(22,11,1772367060000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(23,11,1772367060000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(24,12,1772367120000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(25,12,1772367120000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(26,13,1772367180000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(27,13,1772367180000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(28,14,1772367240000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(29,14,1772367240000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(30,15,1772367300000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(31,16,1772367360000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(32,16,1772367369823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(33,17,1772367420000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(34,17,1772367429823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(35,18,1772367480000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(36,18,1772367480000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(37,19,1772367540000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(38,19,1772367540000000,'returned',-1,-1,-420000,0);
INSERT INTO "ledger" VALUES(39,20,1772367600000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(40,21,1772367660000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(41,22,1772367720000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(42,23,1772367780000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(43,23,1772367789823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(44,24,1772367840000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(45,24,1772367849823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(46,25,1772367900000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(47,25,1772367900000000,'freed',-1,0,0,0);
INSERT INTO "ledger" VALUES(48,25,1772367900000000,'settled',0,0,-420000,420000);
INSERT INTO "ledger" VALUES(49,26,1772367960000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(50,26,1772367960000000,'freed',-1,0,0,0);
INSERT INTO "ledger" VALUES(51,26,1772367960000000,'settled',0,0,-420000,420000);
INSERT INTO "ledger" VALUES(52,20,1772368210897757,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(53,31,1772368260000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(54,32,1772368320000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(55,33,1772368380000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(56,34,1772368440000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(57,35,1772368500000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(58,36,1772368560000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(59,37,1772368620000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(60,38,1772368680000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(61,39,1772368740000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(62,40,1772368800000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(63,41,1772368860000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(64,42,1772368920000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(65,43,1772368980000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(66,44,1772369040000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(67,45,1772369100000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(68,46,1772369160000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(69,46,1772369160000000,'freed',-1,0,0,0);
INSERT INTO "ledger" VALUES(70,47,1772369220000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(71,47,1772369229823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(72,51,1772369460000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(73,51,1772369469823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(74,52,1772369520000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(75,52,1772369529823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(76,53,1772369580000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(77,53,1772369589823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(78,54,1772369640000000,'reserved',1,1,420000,0);
INSERT INTO "ledger" VALUES(79,22,1772369784823833,'settled',-1,0,-420000,420000);
INSERT INTO "ledger" VALUES(80,21,1772456360443846,'settled',-1,0,-420000,420000);
CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "notes" VALUES('database','dddddddddddddddddddddddddddddddd');
INSERT INTO "notes" VALUES('gallery/clip/1','9901');
INSERT INTO "notes" VALUES('preferences/member/101','{"model": "kling-v3"}');
INSERT INTO "notes" VALUES('scouring','scouring');
INSERT INTO "notes" VALUES('upload_limit/server/301','{"bytes": 30, "at": "2026-03-01T12:42:09.823833+00:00"}');
INSERT INTO "notes" VALUES('waits for a yes: 31','');
CREATE TABLE shared_links (
    file_id BLOB PRIMARY KEY CHECK (length(file_id) = 16),
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "shared_links" VALUES(X'01010101010101010101010101010101',1,1772884800000000);
INSERT INTO "shared_links" VALUES(X'03030303030303030303030303030303',3,1772884800000000);
INSERT INTO "shared_links" VALUES(X'2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A',42,1772884800000000);
CREATE TABLE usage (
    scope TEXT NOT NULL,
    owner INTEGER NOT NULL,
    period TEXT NOT NULL,
    open_jobs INTEGER NOT NULL,
    videos INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (scope, owner, period)
) STRICT, WITHOUT ROWID;
INSERT INTO "usage" VALUES('bot',0,'',17,41,7560000,9990000);
INSERT INTO "usage" VALUES('bot',0,'2026-03',17,41,7560000,9990000);
INSERT INTO "usage" VALUES('bot',0,'2026-03-01',17,41,7560000,9990000);
INSERT INTO "usage" VALUES('member',-900104,'',0,1,0,420000);
INSERT INTO "usage" VALUES('member',-900104,'2026-03',0,1,0,420000);
INSERT INTO "usage" VALUES('member',-900103,'',0,2,0,840000);
INSERT INTO "usage" VALUES('member',-900103,'2026-03',0,2,0,840000);
INSERT INTO "usage" VALUES('member',-900103,'2026-03-01',0,2,0,840000);
INSERT INTO "usage" VALUES('member',101,'',12,26,5040000,6210000);
INSERT INTO "usage" VALUES('member',101,'2026-03',12,26,5040000,6210000);
INSERT INTO "usage" VALUES('member',101,'2026-03-01',12,26,5040000,6210000);
INSERT INTO "usage" VALUES('member',102,'',4,11,2100000,2520000);
INSERT INTO "usage" VALUES('member',102,'2026-03',4,11,2100000,2520000);
INSERT INTO "usage" VALUES('member',102,'2026-03-01',4,11,2100000,2520000);
INSERT INTO "usage" VALUES('member',104,'',1,1,420000,0);
INSERT INTO "usage" VALUES('member',104,'2026-03',1,1,420000,0);
INSERT INTO "usage" VALUES('member',104,'2026-03-01',1,2,420000,420000);
INSERT INTO "usage" VALUES('server',301,'',17,39,7560000,9150000);
INSERT INTO "usage" VALUES('server',301,'2026-03',17,39,7560000,9150000);
INSERT INTO "usage" VALUES('server',301,'2026-03-01',17,39,7560000,9150000);
CREATE UNIQUE INDEX jobs_task ON jobs (ticket ->> 'provider', ticket ->> 'task_id') WHERE ticket IS NOT NULL;
CREATE INDEX jobs_pending ON jobs (ordered_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX jobs_recent ON jobs (ordered_at, id);
CREATE INDEX jobs_of_requester ON jobs (requester_id, ordered_at, id);
CREATE TRIGGER jobs_first_event AFTER INSERT ON jobs
BEGIN
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    VALUES (NEW.id, NEW.version, NEW.updated_at, NULL, NEW.state, NEW.actor, NEW.detail);
END;
CREATE VIEW accounts (job_id, scope, owner, period) AS
WITH
    lengths (length) AS (VALUES (0), (7), (10)),
    periods (job_id, requester_id, guild_id, period) AS NOT MATERIALIZED ( -- of one job, not of all
        SELECT id, requester_id, guild_id, substr(date(ordered_at / 1000000, 'unixepoch'), 1, length)
        FROM jobs CROSS JOIN lengths
    )
SELECT job_id, 'member', requester_id, period FROM periods
UNION ALL
SELECT job_id, 'server', guild_id, period FROM periods WHERE guild_id IS NOT NULL
UNION ALL
SELECT job_id, 'bot', 0, period FROM periods;
CREATE TRIGGER jobs_limits BEFORE INSERT ON jobs
WHEN NEW.limits IS NOT NULL AND EXISTS (
    SELECT 1
    FROM json_each(NEW.limits) AS asked
    LEFT JOIN usage
        ON usage.scope = asked.value ->> 0
        AND usage.owner = asked.value ->> 1
        AND usage.period = asked.value ->> 2
    WHERE (
        CASE asked.value ->> 3
            WHEN 'open_jobs' THEN coalesce(usage.open_jobs, 0) + 1
            WHEN 'videos' THEN coalesce(usage.videos, 0) + 1
            ELSE coalesce(usage.reserved + usage.spent, 0) + NEW.price -- without a price: no room
        END <= asked.value ->> 4
    ) IS NOT TRUE
)
BEGIN
    SELECT RAISE(IGNORE);
END;
CREATE INDEX shared_links_of_job ON shared_links (job_id, expires_at);
CREATE INDEX jobs_card ON jobs (destination ->> 'card_id') WHERE destination ->> 'card_id' IS NOT NULL;
CREATE INDEX jobs_result ON jobs (delivery ->> 'message_id') WHERE delivery ->> 'message_id' IS NOT NULL;
CREATE INDEX job_events_of_person ON job_events (actor) WHERE actor NOT IN ('matinee', 'member');
CREATE TRIGGER jobs_event AFTER UPDATE ON jobs
BEGIN
    SELECT RAISE(ABORT, 'illegal move')
    WHERE CASE
        WHEN NEW.version = OLD.version + 1 AND NEW.requester_id = OLD.requester_id THEN
            OLD.requester_id < 0
            OR NOT EXISTS (SELECT 1 FROM allowed WHERE before = OLD.state AND after = NEW.state)
        WHEN NEW.version = OLD.version + 1 THEN
            NEW.state <> OLD.state
            OR OLD.next_at IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM endings WHERE state = OLD.state)
            OR (NEW.id, NEW.ordered_at, NEW.guild_id, NEW.parent_id, NEW.next_at)
                IS NOT (OLD.id, OLD.ordered_at, OLD.guild_id, OLD.parent_id, OLD.next_at)
            OR (NEW.price, NEW.attempts, NEW.provider, NEW.submitted_at, NEW.ticket)
                IS NOT (OLD.price, OLD.attempts, OLD.provider, OLD.submitted_at, OLD.ticket)
            OR NOT EXISTS (
                SELECT 1 FROM erasures
                WHERE pseudonym = NEW.requester_id
                    AND member_id = OLD.requester_id
                    AND asked_at >= OLD.ordered_at
            )
        ELSE
            (
                NEW.id, NEW.requester_id, NEW.channel_id, NEW.guild_id, NEW.ordered_at, NEW.parent_id,
                NEW.state, NEW.version, NEW.updated_at, NEW.next_at, NEW.detail, NEW.price, NEW.attempts,
                NEW.provider, NEW.submitted_at, NEW.request, NEW.destination, NEW.ticket, NEW.result,
                NEW.video, NEW.delivery, NEW.reason, NEW.limits
            ) IS NOT (
                OLD.id, OLD.requester_id, OLD.channel_id, OLD.guild_id, OLD.ordered_at, OLD.parent_id,
                OLD.state, OLD.version, OLD.updated_at, OLD.next_at, OLD.detail, OLD.price, OLD.attempts,
                OLD.provider, OLD.submitted_at, OLD.request, OLD.destination, OLD.ticket, OLD.result,
                OLD.video, OLD.delivery, OLD.reason, OLD.limits
            )
            OR NOT EXISTS (
                SELECT 1 FROM erasures
                WHERE CAST(member_id AS TEXT) = OLD.actor AND CAST(pseudonym AS TEXT) = NEW.actor
            )
    END;
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    SELECT NEW.id, NEW.version, NEW.updated_at, OLD.state, NEW.state, NEW.actor, NEW.detail
    WHERE NEW.version <> OLD.version;
END;
CREATE TRIGGER job_events_guard BEFORE UPDATE ON job_events
WHEN (NEW.line, NEW.job_id, NEW.version, NEW.at, NEW.before, NEW.after)
        IS NOT (OLD.line, OLD.job_id, OLD.version, OLD.at, OLD.before, OLD.after)
    OR NOT (
        NEW.actor = OLD.actor
        OR EXISTS (
            SELECT 1 FROM erasures
            WHERE CAST(member_id AS TEXT) = OLD.actor AND CAST(pseudonym AS TEXT) = NEW.actor
        )
    )
    OR NOT (
        NEW.detail IS OLD.detail
        OR (NEW.detail IS NULL AND EXISTS (SELECT 1 FROM jobs WHERE id = OLD.job_id AND requester_id < 0))
    )
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
END;
CREATE TRIGGER erasures_held AFTER UPDATE OF held ON erasures
BEGIN
    DELETE FROM held_usage
    WHERE pseudonym = NEW.pseudonym AND period NOT IN (SELECT value FROM json_each(NEW.held));
END;
CREATE TRIGGER held_usage_released AFTER DELETE ON held_usage
BEGIN
    UPDATE usage SET videos = videos - OLD.videos, spent = spent - OLD.spent
    WHERE scope = 'member'
        AND owner = (SELECT member_id FROM erasures WHERE pseudonym = OLD.pseudonym)
        AND period = OLD.period;

    DELETE FROM usage
    WHERE scope = 'member'
        AND owner = (SELECT member_id FROM erasures WHERE pseudonym = OLD.pseudonym)
        AND period = OLD.period
        AND (open_jobs, videos, reserved, spent) = (0, 0, 0, 0);

    INSERT INTO usage (scope, owner, period, open_jobs, videos, reserved, spent)
    VALUES ('member', OLD.pseudonym, OLD.period, 0, OLD.videos, 0, OLD.spent)
    ON CONFLICT (scope, owner, period) DO UPDATE SET
        videos = usage.videos + excluded.videos,
        spent = usage.spent + excluded.spent;
END;
CREATE TRIGGER job_events_keep BEFORE DELETE ON job_events
WHEN EXISTS (SELECT 1 FROM jobs WHERE id = OLD.job_id)
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
END;
CREATE TRIGGER erasures_done AFTER DELETE ON erasures
BEGIN
    DELETE FROM usage
    WHERE scope = 'member' AND owner = OLD.member_id AND (open_jobs, videos, reserved, spent) = (0, 0, 0, 0);
END;
CREATE UNIQUE INDEX ledger_of_job ON ledger (
    job_id, CASE booking WHEN 'raised' THEN line WHEN 'returned' THEN 'settled' ELSE booking END
);
CREATE TRIGGER ledger_usage AFTER INSERT ON ledger
BEGIN
    INSERT INTO usage (scope, owner, period, open_jobs, videos, reserved, spent)
    SELECT scope, owner, period, NEW.open_jobs, NEW.videos, NEW.reserved, NEW.spent
    FROM accounts
    WHERE job_id = NEW.job_id
    ON CONFLICT (scope, owner, period) DO UPDATE SET
        open_jobs = usage.open_jobs + excluded.open_jobs,
        videos = usage.videos + excluded.videos,
        reserved = usage.reserved + excluded.reserved,
        spent = usage.spent + excluded.spent;
END;
CREATE TRIGGER ledger_guard BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE TRIGGER ledger_keep BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE TRIGGER ledger_add BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE line = NEW.line)
    OR EXISTS (
        SELECT 1 FROM ledger
        WHERE job_id = NEW.job_id
            AND CASE booking WHEN 'raised' THEN line WHEN 'returned' THEN 'settled' ELSE booking END
                = iif(NEW.booking = 'returned', 'settled', NEW.booking)
    )
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE TRIGGER jobs_opening AFTER INSERT ON jobs
WHEN NEW.state NOT IN (SELECT state FROM endings)
BEGIN
    INSERT INTO ledger (job_id, at, booking, open_jobs, videos, reserved, spent)
    VALUES (NEW.id, NEW.updated_at, 'reserved', 1, 1, coalesce(NEW.price, 0), 0);
END;
CREATE TRIGGER jobs_limits_at_sending BEFORE UPDATE OF limits ON jobs
WHEN NEW.state = 'SUBMITTING' AND NEW.limits IS NOT NULL AND EXISTS (
    SELECT 1
    FROM json_each(NEW.limits) AS asked
    LEFT JOIN usage
        ON usage.scope = asked.value ->> 0
        AND usage.owner = asked.value ->> 1
        AND usage.period = asked.value ->> 2
    WHERE (
        CASE asked.value ->> 3
            WHEN 'open_jobs' THEN 0 -- the job has its place
            WHEN 'videos' THEN coalesce(usage.videos, 0)
            ELSE coalesce(usage.reserved + usage.spent, 0) + NEW.price -- without a price: no room
                - (SELECT coalesce(sum(reserved), 0) FROM ledger WHERE job_id = NEW.id)
        END <= asked.value ->> 4
    ) IS NOT TRUE
)
BEGIN
    SELECT RAISE(IGNORE);
END;
CREATE TRIGGER jobs_closing AFTER UPDATE ON jobs
WHEN NEW.state = 'SUBMITTING'
    OR (NEW.state = 'UNKNOWN' AND OLD.state = 'UNKNOWN') -- its member was told
    OR (NEW.state <> OLD.state AND EXISTS (SELECT 1 FROM endings WHERE state = NEW.state))
BEGIN
    INSERT INTO ledger (job_id, at, booking, open_jobs, videos, reserved, spent)
    SELECT
        NEW.id, NEW.updated_at, booking,
        iif(booking = 'raised', 0, -open_jobs),
        iif(booking = 'returned', -1, 0),
        CASE booking WHEN 'raised' THEN NEW.price WHEN 'freed' THEN counted ELSE 0 END - reserved,
        iif(booking = 'settled', counted, 0)
    FROM (
        SELECT
            open_jobs, reserved,
            min(coalesce(NEW.price, reserved), reserved) AS counted,
            CASE
                WHEN NEW.state = 'SUBMITTING' THEN iif(NEW.price > reserved, 'raised', NULL)
                WHEN NEW.state = 'UNKNOWN' THEN iif(open_jobs > 0, 'freed', NULL)
                WHEN is_closed IS NOT 0 THEN NULL -- a video that was delivered once more was settled before
                ELSE iif(may_be_free AND NEW.reason ->> 'charge' IS 'nothing', 'returned', 'settled')
            END AS booking
        FROM (
            SELECT
                sum(open_jobs) AS open_jobs,
                sum(reserved) AS reserved,
                max(booking IN ('returned', 'settled')) AS is_closed
            FROM ledger WHERE job_id = NEW.id
        )
        LEFT JOIN endings ON endings.state = NEW.state
    )
    WHERE booking IS NOT NULL;
END;
CREATE TRIGGER jobs_erased AFTER UPDATE OF requester_id ON jobs
BEGIN
    UPDATE job_events
    SET detail = NULL, actor = iif(actor = CAST(OLD.requester_id AS TEXT), CAST(NEW.requester_id AS TEXT), actor)
    WHERE job_id = NEW.id AND version < NEW.version;

    INSERT INTO held_usage (pseudonym, period, videos, spent)
    SELECT NEW.requester_id, period, videos, spent
    FROM accounts
    JOIN (SELECT sum(videos) AS videos, sum(spent) AS spent FROM ledger WHERE job_id = NEW.id) ON true
    WHERE accounts.job_id = NEW.id AND scope = 'member' AND (videos <> 0 OR spent <> 0)
    ON CONFLICT (pseudonym, period) DO UPDATE SET
        videos = held_usage.videos + excluded.videos,
        spent = held_usage.spent + excluded.spent;

    DELETE FROM held_usage
    WHERE pseudonym = NEW.requester_id AND period NOT IN (
        SELECT value FROM erasures, json_each(held) WHERE erasures.pseudonym = NEW.requester_id
    );
END;
CREATE INDEX jobs_link ON jobs (result ->> 'mark') WHERE result ->> 'mark' IS NOT NULL;
CREATE INDEX jobs_in_doubt ON jobs (provider) WHERE state = 'UNKNOWN';
PRAGMA user_version = 11;
COMMIT;
