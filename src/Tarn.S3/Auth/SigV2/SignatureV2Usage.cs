using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Tarn.S3.Requests;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Auth.SigV2;

/// <summary>
/// Shows an operator which keys still sign with Signature Version 2, with a counter and one log line for each key and mechanism, so that it can be
/// turned off when none do.
/// </summary>
internal sealed partial class SignatureV2Usage(ILogger logger)
{
    /// <summary>The maximum number of keys remembered; a server with more logs some of them again.</summary>
    private const int Capacity = 8192;

    private static readonly Counter<long> Requests = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.signature_v2.requests", unit: "{request}", description: "Accepted requests that were signed with Signature Version 2.");

    private readonly ConcurrentDictionary<(string AccessKeyId, AuthMechanism Mechanism), bool> _told = new();

    /// <summary>Counts a request with a valid signature.</summary>
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

    [LoggerMessage(EventIds.SignatureV2Used, LogLevel.Information, "Key {AccessKeyId} signs with Signature Version 2 ({Form}); logged once for each key and form; --signature-v2 sets where it is accepted")]
    private static partial void LogUsed(ILogger logger, string accessKeyId, string form);
}
