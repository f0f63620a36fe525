using Tarn.Tests.Server;

namespace Tarn.Tests.Acceleration;

public sealed class AcceleratorOptionsTests
{
    private const string Everywhere = "0.0.0.0:9100";

    private static readonly (string, string)[] Certificate = [("--tls-cert", "/c.pem"), ("--tls-key", "/k.pem")];

    [Fact]
    public void There_is_no_listener_for_accelerators_unless_one_is_wanted() => Assert.Null(Bound.From().Accelerators);

    [Fact]
    public void Without_tls_accelerators_are_served_to_this_machine_unless_that_is_wanted()
    {
        Assert.Equal(9100, Bound.From(Flags(("--accelerators", "127.0.0.1:9100"))).Accelerators!.Port);
        Assert.NotNull(Bound.From(Flags(("--accelerators", "localhost:9100"))).Accelerators);
        Assert.NotNull(Bound.From(Flags([("--accelerators", Everywhere), .. Certificate])).Accelerators);
        Assert.NotNull(Bound.From(Flags([("--accelerators", Everywhere), ("--insecure-accelerators", "true")])).Accelerators);
        Assert.Contains("--insecure-accelerators", Bound.Refusal(Flags(("--accelerators", Everywhere))), StringComparison.Ordinal);
        Assert.Contains("--insecure-accelerators", Bound.Refusal(Flags([("--accelerators", Everywhere), ("--tls-on", "control"), .. Certificate])), StringComparison.Ordinal);
        Assert.Contains("--accelerators", Bound.Refusal(Flags(("--insecure-accelerators", "true"))), StringComparison.Ordinal);
        Assert.Contains("--accelerators", Bound.Refusal(Flags(("--accelerators", "nowhere"))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_the_documentation_is_not_for_accelerators_of_other_machines() => Assert.Contains(
        "--accelerators", Bound.Refusal(Flags(("--dev", "true"), ("--accelerators", Everywhere), ("--insecure-accelerators", "true"))), StringComparison.Ordinal);

    private static Dictionary<string, string[]> Flags(params (string Flag, string Value)[] flags) => flags.ToDictionary(static each => each.Flag, static each => new[] { each.Value });
}
