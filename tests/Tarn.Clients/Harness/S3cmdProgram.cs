using Tarn.TestKit.Programs;

namespace Tarn.Clients.Harness;

/// <summary>s3cmd, which is configured by a file in its home directory.</summary>
internal static class S3cmdProgram
{
    public static string Name => InstalledPrograms.Need("s3cmd");

    /// <summary>Writes the file.</summary>
    /// <param name="s3">The session: its home directory and its server.</param>
    /// <param name="version2">Whether it signs by Signature Version 2.</param>
    public static Task ConfigureAsync(ClientSession s3, bool version2 = false) => File.WriteAllTextAsync(
        ConfigurationOf(s3),
        $"""
        [default]
        access_key = {s3.Endpoint.AccessKey}
        secret_key = {s3.Endpoint.SecretKey}
        host_base = {s3.Endpoint.S3.Authority}
        host_bucket = {s3.Endpoint.S3.Authority}
        bucket_location = {s3.Endpoint.Region}
        use_https = False
        signature_v2 = {version2}

        """);

    public static Task<ProgramResult> RunAsync(ClientSession s3, params string[] arguments) =>
        s3.RunAsync(Name, ["--config", ConfigurationOf(s3), "--no-progress", .. arguments]);

    private static string ConfigurationOf(ClientSession s3) => Path.Combine(s3.Home, ".s3cfg");
}
