using System.Text;
using Tarn.Core.Acceleration;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>Who this accelerator is: the lines with which each of its requests begins.</summary>
internal sealed class AcceleratorIdentity
{
    private readonly string _accelerator;

    /// <param name="envelope">Who it is, with its token.</param>
    /// <exception cref="FormatException">A value is outside of its bounds.</exception>
    public AcceleratorIdentity(AcceleratorEnvelope envelope)
    {
        Envelope = envelope;
        _accelerator = $"{AcceleratorHeaders.Accelerator}: {envelope.Format()}\r\n{AcceleratorHeaders.Call}: ";
        Node = LinesOf(AcceleratorCall.Node);
    }

    public AcceleratorEnvelope Envelope { get; }

    /// <summary>The lines of its own requests.</summary>
    public ReadOnlyMemory<byte> Node { get; }

    /// <summary>The lines of a request, each with its end.</summary>
    public byte[] LinesOf(AcceleratorCall call) => Encoding.ASCII.GetBytes($"{_accelerator}{call.Format()}\r\n");
}
