using Tarn.Core.Acceleration;

namespace Tarn.Server.Acceleration;

/// <summary>A request of an accelerator's own: a feature of the request, set once its envelope was found to be genuine. Without it no path below <c>/v1/</c> leads anywhere.</summary>
/// <param name="Envelope">Which accelerator speaks.</param>
/// <param name="Token">Its token.</param>
internal sealed record NodeCall(AcceleratorEnvelope Envelope, AcceleratorToken Token);
