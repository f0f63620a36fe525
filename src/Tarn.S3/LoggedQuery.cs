using Tarn.S3.Operations;
using Tarn.S3.Telemetry;

namespace Tarn.S3;

/// <summary>Queries of requests as spans and logs show them.</summary>
public static class LoggedQuery
{
    /// <summary>The query with the values of S3's own parameters; those of others, which include signatures and tokens, are withheld.</summary>
    /// <param name="query">The query as sent, with its question mark; or empty.</param>
    public static string Of(string query) => LoggedTarget.Of(query, OperationTable.Parameters);

    /// <summary>A path without the token of a share link, also where it is escaped.</summary>
    public static string PathOf(string path) => LoggedTarget.PathOf(path);
}
