namespace Tarn.Server.Hosting;

/// <summary>Adds routes to the control address, beside health and metrics. Any number may be registered.</summary>
internal delegate void ControlMap(IEndpointRouteBuilder routes);
