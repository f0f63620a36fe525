namespace Tarn.S3.Requests;

/// <summary>One S3 operation: decodes the request, acts, and encodes the answer. One instance serves all requests.</summary>
internal interface IOperation
{
    /// <summary>Serves the request.</summary>
    /// <exception cref="Core.Errors.S3Exception">The request is refused.</exception>
    Task ExecuteAsync(S3Context context);
}
