using System.CommandLine;
using Tarn.Server.Cli;
using Tarn.Server.Configuration;

namespace Tarn.Tests.Server;

public sealed class ServeCommandTests
{
    [Theory]
    [InlineData(2, "unknown flag '--bogus'", "serve", "--bogus")]
    [InlineData(2, "unknown command or argument 'sreve'", "sreve")]
    [InlineData(2, "--s3", "serve", "--s3")]
    [InlineData(1, "--s3: 'x' is not ADDR:PORT", "serve", "--s3", "x")]
    [InlineData(2, "unknown flag '--root-secret-key'", "serve", "--root-secret-key", "12345678")]
    public async Task A_bad_command_line_is_one_line_and_an_exit_code(int code, string message, params string[] args)
    {
        (int actual, string error, ServerOptions? options) = await RunAsync(args);
        Assert.Equal(code, actual);
        Assert.StartsWith("tarn: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
        Assert.Null(options);
    }

    [Fact]
    public async Task Flags_reach_the_options()
    {
        (int code, string error, ServerOptions? options) =
            await RunAsync("serve", "--s3", ":7", "--domain", "a.test", "--domain=b.test", "--durability", "relaxed");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(7, options!.S3.Port);
        Assert.Equal(["a.test", "b.test"], options.Domains);
        Assert.Equal(Durability.Relaxed, options.Durability);
        Assert.False(options.ExpectData);
    }

    [Theory]
    [InlineData(true, "serve", "--expect-data")]
    [InlineData(true, "serve", "--expect-data", "--s3", ":7")]
    [InlineData(true, "serve", "--expect-data", "true")]
    [InlineData(false, "serve", "--expect-data=false")]
    public async Task A_switch_needs_no_value(bool expected, params string[] args)
    {
        (int code, string error, ServerOptions? options) = await RunAsync(args);
        Assert.Equal((0, "", expected), (code, error, options!.ExpectData));
    }

    private static async Task<(int Code, string Error, ServerOptions? Options)> RunAsync(params string[] args)
    {
        ServerOptions? bound = null;
        var root = new RootCommand
        {
            ServeCommand.Create(new Dictionary<string, string>(), (options, _, _) =>
            {
                bound = options;
                return Task.FromResult(0);
            }),
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandRunner.RunAsync(root, args, output, error);
        return (code, error.ToString(), bound);
    }
}
