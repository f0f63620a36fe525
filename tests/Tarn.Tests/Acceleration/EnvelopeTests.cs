using System.Net;
using Tarn.Core.Acceleration;

namespace Tarn.Tests.Acceleration;

public sealed class EnvelopeTests
{
    private const string Genuine = "v=1;token=acc-Abc9;name=gpu-1;zone=rack.7;domains=s3.example.com,objects";

    private static readonly AcceleratorEnvelope Envelope = new() { Token = "acc-Abc9", Name = "gpu-1", Zone = "rack.7", Domains = ["s3.example.com", "objects"] };

    public static TheoryData<string> Wrong =>
    [
        "", "v=1", Genuine + ";", Genuine + ",", " " + Genuine, Genuine + " ", Genuine.Replace("v=1", "v=2", StringComparison.Ordinal), Genuine.Replace("v=1", "V=1", StringComparison.Ordinal),
        "v=1;token=;name=n;zone=z;domains=", "v=1;token=a b;name=n;zone=z;domains=", "v=1;token=a_b;name=n;zone=z;domains=", "v=1;token=a,b;name=n;zone=z;domains=",
        "v=1;token=t;name=;zone=z;domains=", "v=1;token=t;name=é;zone=z;domains=", "v=1;token=t;name=n;zone=;domains=", "v=1;token=t;name=n;zone=a b;domains=",
        "v=1;token=t;zone=z;name=n;domains=", "v=1;token=t;name=n;name=m;zone=z;domains=", "v=1;token=t;name=n;zone=z;zone=y;domains=", "v=1;token=t;name=n;zone=z", "v=1;token=t;name=n;zone=z;domains",
        "v=1;token=t;name=n;zone=z;domains=a,", "v=1;token=t;name=n;zone=z;domains=,a", "v=1;token=t;name=n;zone=z;domains=a,,b", "v=1;token=t;name=n;zone=z;domains=A",
        "v=1;token=t;name=n;zone=z;domains=a..b", "v=1;token=t;name=n;zone=z;domains=.a", "v=1;token=t;name=n;zone=z;domains=a.", "v=1;token=t;name=n;zone=z;domains=-a", "v=1;token=t;name=n;zone=z;domains=a-.b",
        "v=1;token=t;name=n;zone=z;domains=a:80", "v=1;token=t;name=n;zone=z;domains=*.a", "v=1;token=t;name=n;zone=z;domains=a;b=c",
        $"v=1;token={new string('t', 129)};name=n;zone=z;domains=", $"v=1;token=t;name={new string('n', 64)};zone=z;domains=", $"v=1;token=t;name=n;zone={new string('z', 64)};domains=",
        $"v=1;token=t;name=n;zone=z;domains={new string('d', 64)}", $"v=1;token=t;name=n;zone=z;domains={string.Join(',', Enumerable.Repeat("d", 33))}",
        $"v=1;token=t;name=n;zone=z;domains={string.Join('.', Enumerable.Repeat("d", 128))}",
    ];

    [Fact]
    public void An_envelope_has_one_text()
    {
        Assert.Equal(Genuine, Envelope.Format());
        Assert.True(AcceleratorEnvelope.TryParse(Genuine, out AcceleratorEnvelope? read));
        Assert.Equal(Envelope, read);
        Assert.DoesNotContain("Abc9", read.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_at_their_bounds_are_read()
    {
        string name = new('n', 63), domain = string.Join('.', Enumerable.Repeat(new string('d', 63), 3));
        var largest = new AcceleratorEnvelope { Token = new string('t', 128), Name = name, Zone = name, Domains = [.. Enumerable.Repeat(domain, 19)] };
        Assert.True(AcceleratorEnvelope.TryParse(largest.Format(), out AcceleratorEnvelope? read));
        Assert.Equal(largest, read);
        Assert.True(AcceleratorEnvelope.TryParse("v=1;token=t;name=n;zone=z;domains=", out read));
        Assert.Empty(read.Domains);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Any_other_text_is_refused(string text) => Assert.False(AcceleratorEnvelope.TryParse(text, out _));

    [Fact]
    public void A_value_outside_of_its_bounds_is_not_written()
    {
        Assert.Throws<FormatException>(() => (Envelope with { Name = "a;zone=b" }).Format());
        Assert.Throws<FormatException>(() => (Envelope with { Domains = ["a,b"] }).Format());
        Assert.Throws<FormatException>(() => (Envelope with { Token = "a\r\nx: y" }).Format());
        Assert.Throws<FormatException>(() => (Envelope with { Domains = [.. Enumerable.Repeat("d", 33)] }).Format());
    }

    [Theory]
    [InlineData("forward;for=192.0.2.7:50000;tls=1", AcceleratorCallKind.Forward, "192.0.2.7", 50000, true)]
    [InlineData("resolve;for=[2001:db8::7]:1;tls=0", AcceleratorCallKind.Resolve, "2001:db8::7", 1, false)]
    [InlineData("resolve;for=[::1]:65535;tls=1", AcceleratorCallKind.Resolve, "::1", 65535, true)]
    public void A_call_has_one_text(string text, AcceleratorCallKind kind, string address, int port, bool isTls)
    {
        var call = AcceleratorCall.Of(kind, new IPEndPoint(IPAddress.Parse(address), port), isTls);
        Assert.Equal(text, call.Format());
        Assert.True(AcceleratorCall.TryParse(text, out AcceleratorCall? read));
        Assert.Equal(call, read);
    }

    [Fact]
    public void A_call_of_the_accelerators_own_has_no_client()
    {
        Assert.True(AcceleratorCall.TryParse("node", out AcceleratorCall? read));
        Assert.Equal(AcceleratorCall.Node, read);
        Assert.Equal("node", AcceleratorCall.Node.Format());
    }

    [Fact]
    public void An_address_is_written_without_what_only_the_accelerator_knows()
    {
        Assert.Equal("forward;for=192.0.2.7:5;tls=0", AcceleratorCall.Of(AcceleratorCallKind.Forward, new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.7"), 5), false).Format());
        Assert.Equal("forward;for=[fe80::7]:5;tls=0", AcceleratorCall.Of(AcceleratorCallKind.Forward, new IPEndPoint(new IPAddress(IPAddress.Parse("fe80::7").GetAddressBytes(), 3), 5), false).Format());
    }

    [Theory]
    [InlineData("")]
    [InlineData("node;")]
    [InlineData("Node")]
    [InlineData("forward")]
    [InlineData("forward;for=192.0.2.7:5")]
    [InlineData("forward;for=192.0.2.7:5;tls=")]
    [InlineData("forward;for=192.0.2.7:5;tls=2")]
    [InlineData("forward;for=192.0.2.7:5;tls=11")]
    [InlineData("forward;for=192.0.2.7:5;tls=1;tls=0")]
    [InlineData("forward;for=192.0.2.7:5;tls=1 ")]
    [InlineData(" forward;for=192.0.2.7:5;tls=1")]
    [InlineData("forward;for=192.0.2.7;tls=1")]
    [InlineData("forward;for=192.0.2.7:;tls=1")]
    [InlineData("forward;for=192.0.2.7:65536;tls=1")]
    [InlineData("forward;for=192.0.2.7:05;tls=1")]
    [InlineData("forward;for=192.0.2.007:5;tls=1")]
    [InlineData("forward;for=0xc0000207:5;tls=1")]
    [InlineData("forward;for=1:5;tls=1")]
    [InlineData("forward;for=2001:db8::7;tls=1")]
    [InlineData("forward;for=[2001:DB8::7]:5;tls=1")]
    [InlineData("forward;for=[2001:db8:0::7]:5;tls=1")]
    [InlineData("forward;for=[::ffff:192.0.2.7]:5;tls=1")]
    [InlineData("forward;for=[fe80::7%3]:5;tls=1")]
    [InlineData("forward;for=localhost:5;tls=1")]
    [InlineData("resolve;for=192.0.2.7:5;tls=1,forward;for=192.0.2.7:5;tls=1")]
    public void Any_other_call_is_refused(string text) => Assert.False(AcceleratorCall.TryParse(text, out _));
}
