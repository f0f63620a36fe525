namespace Tarn.S3.Telemetry;

/// <summary>
/// The ids of this project's log events. Each belongs to one message and is never reused: new ones are from 1300 to 1999. Those above 2000 are kept
/// from before the projects had ranges.
/// </summary>
internal static class EventIds
{
    public const int RequestServed = 1001;
    public const int RequestFailed = 1002;
    public const int RequestCutOff = 1003;
    public const int DeleteOfKeyFailed = 1101;
    public const int RequestDenied = 1201;
    public const int ReportFailed = 1300;
    public const int BucketNotListed = 1301;
    public const int RequestUnavailable = 2403;
    public const int ShareLinkUsed = 2410;
    public const int ShareLinkFailed = 2411;
    public const int SignatureV2Used = 2640;
    public const int UnknownHost = 2700;
}
