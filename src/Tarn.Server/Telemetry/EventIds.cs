namespace Tarn.Server.Telemetry;

/// <summary>The ids of this project's log events. Each belongs to one message and is never reused; new ones are from 2000 to 2999.</summary>
internal static class EventIds
{
    public const int ReclaimFailed = 2101;
    public const int LifecycleFailed = 2102;
    public const int ControlChange = 2301;
    public const int ControlFailed = 2302;
    public const int ControlServed = 2303;
    public const int DiskLeftOut = 2401;
    public const int ShareSweepFailed = 2412;
    public const int MetadataNotice = 2500;
    public const int MetadataFailed = 2501;
    public const int MetadataDamaged = 2502;
    public const int ReserveCounted = 2520;
    public const int ReserveUsed = 2521;
    public const int ReserveRefilled = 2522;
    public const int ReserveRefillFailed = 2523;
    public const int DataDamaged = 2530;
    public const int DamageNotRecorded = 2531;
    public const int DamageNotRechecked = 2532;
    public const int DiskNotServed = 2540;
    public const int DiskServedAgain = 2541;
    public const int DiskMountsLearned = 2542;
    public const int DiskMountsNotNoted = 2543;
    public const int ScrubFailed = 2550;
    public const int ScrubFinished = 2551;
    public const int ScrubIncomplete = 2552;
    public const int LogLinesDropped = 2560;
    public const int BannerNotPrinted = 2561;
    public const int LinesLost = 2565;
    public const int AcceptFailed = 2562;
    public const int Stopping = 2563;
    public const int EndingAtOnce = 2564;
    public const int ConnectionsCapped = 2566;
    public const int ConnectionsLow = 2567;
    public const int StoppingInStart = 2569;
    public const int WatchdogNotNotified = 2570;
    public const int BucketsCounted = 2574;
    public const int RecountFailed = 2575;
    public const int SamplesFailed = 2576;
    public const int CensusFailed = 2577;
    public const int PolicyRefusedNow = 2580;
    public const int MorePoliciesRefusedNow = 2581;
    public const int PolicyAuditFailed = 2582;
    public const int CertificateRenewed = 2590;
    public const int CertificateRejected = 2591;
    public const int BackupBegun = 2600;
    public const int BackupDone = 2601;
    public const int BackupNotDone = 2602;
    public const int BackupDamage = 2603;
    public const int BackupUnexpected = 2604;
    public const int ExportFailed = 2610;
    public const int UnreadBodyCut = 2620;
    public const int ProxyHeaderMissing = 2701;
    public const int BackgroundWorkEnded = 2800;
}
