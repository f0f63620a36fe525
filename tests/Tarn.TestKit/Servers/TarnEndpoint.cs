namespace Tarn.TestKit.Servers;

/// <summary>An S3 endpoint to test against and the credentials that may do anything there.</summary>
/// <param name="S3">The base address, without a path: <c>http://127.0.0.1:9000/</c>.</param>
/// <param name="AccessKey">The access key id.</param>
/// <param name="SecretKey">The secret access key.</param>
/// <param name="Region">The region to sign for.</param>
public sealed record TarnEndpoint(Uri S3, string AccessKey, string SecretKey, string Region = "us-east-1")
{
    /// <summary>The control plane's address, where it is known.</summary>
    public Uri? Control { get; init; }

    /// <summary>A PEM file with the authority that signed the endpoint's certificate; null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The address as clients expect it: without a trailing slash.</summary>
    public string Address => S3.GetLeftPart(UriPartial.Authority);

    /// <summary>
    /// The endpoint named by <c>TARN_TEST_ENDPOINT</c>, <c>TARN_TEST_ACCESS_KEY</c>, <c>TARN_TEST_SECRET_KEY</c>
    /// and optionally <c>TARN_TEST_REGION</c>, <c>TARN_TEST_CONTROL</c>, <c>TARN_TEST_CA</c>; null when the first is not set.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint is named but its credentials are not.</exception>
    public static TarnEndpoint? FromEnvironment()
    {
        if (Read("ENDPOINT") is not { } address)
        {
            return null;
        }

        return new TarnEndpoint(new Uri(address), Need("ACCESS_KEY"), Need("SECRET_KEY"), Read("REGION") ?? "us-east-1")
        {
            Control = Read("CONTROL") is { } control ? new Uri(control) : null,
            AuthorityFile = Read("CA"),
        };
    }

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable("TARN_TEST_" + name) is { Length: > 0 } value ? value : null;

    private static string Need(string name) =>
        Read(name) ?? throw new InvalidOperationException($"TARN_TEST_ENDPOINT is set, TARN_TEST_{name} is not.");
}
