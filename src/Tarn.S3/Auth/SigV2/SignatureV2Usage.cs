using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Auth.SigV2;

/// <summary>
/// Tells an operator who still signs with Signature Version 2: a counter, and one line in the log for each key and way, so that it can be
/// turned off once nobody does.
/// </summary>
internal sealed partial class SignatureV2Usage(ILogger logger)
{
    /// <summary>Keys that are remembered; a server with more says some of them again.</summary>
    private const int Capacity = 8192;

    private static readonly Counter<long> Requests = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.signature_v2.requests", unit: "{request}", description: "Requests accepted that were signed with Signature Version 2.");

    private readonly ConcurrentDictionary<(string AccessKeyId, AuthMechanism Mechanism), bool> _told = new();

    /// <summary>Counts a request whose signature was right.</summary>
    public void Note(string accessKeyId, AuthMechanism mechanism)
    {
        string form = mechanism switch
        {
            AuthMechanism.QueryVersion2 => "url",
            AuthMechanism.FormVersion2 => "form",
            _ => "header",
        };
        Requests.Add(1, new KeyValuePair<string, object?>("form", form));
        if (_told.Count >= Capacity)
        {
            _told.Clear();
        }

        if (_told.TryAdd((accessKeyId, mechanism), true))
        {
            LogUsed(logger, accessKeyId, form);
        }
    }

    [LoggerMessage(EventIds.SignatureV2Used, LogLevel.Information, "Key {AccessKeyId} signs with Signature Version 2 ({Form}); it is said once, and --signature-v2 decides where it is taken")]
    private static partial void LogUsed(ILogger logger, string accessKeyId, string form);
}
