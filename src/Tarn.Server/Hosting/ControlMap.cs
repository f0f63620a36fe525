namespace Tarn.Server.Hosting;

/// <summary>Adds routes to the control address beside health and metrics; as many as are registered.</summary>
internal delegate void ControlMap(IEndpointRouteBuilder routes);
