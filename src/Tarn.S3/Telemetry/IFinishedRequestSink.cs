namespace Tarn.S3.Telemetry;

/// <summary>Gets every request of the S3 listener, and every use of a share link, once it has ended.</summary>
public interface IFinishedRequestSink
{
    /// <summary>
    /// Takes a request. Called by the thread that served it, after the answer: it must not block, wait for anything, or throw. What has to be written somewhere goes into a
    /// bounded queue, and what does not fit there is dropped and counted.
    /// </summary>
    void Add(FinishedRequest request);

    /// <summary>Whether it reads <see cref="FinishedRequest.Http"/> of a request, which is collected only then: most servers have nothing that does.</summary>
    /// <param name="request">The request, without it.</param>
    bool ReadsHttp(FinishedRequest request);
}
