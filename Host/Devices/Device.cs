using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk;

namespace Hospes.Host.Devices;

/// <summary>A device that a domain has.</summary>
internal sealed class Device(DomainId domain, DeviceConfiguration configuration, DeviceAddress address, IDeviceClass kind)
{
    private volatile DeviceConfiguration _configuration = configuration;
    private volatile DeviceConfiguration? _wanted;

    /// <summary>Whose it is.</summary>
    public DomainId Domain => domain;

    /// <summary>Class and number.</summary>
    public DeviceAddress Address => address;

    /// <summary>Its class.</summary>
    public IDeviceClass Kind => kind;

    /// <summary>As it was asked for.</summary>
    public DeviceConfiguration Configuration { get => _configuration; set => _configuration = value; }

    /// <summary>As it is about to be, while that is being decided and done; null: it stays as it is.</summary>
    public DeviceConfiguration? Wanted { get => _wanted; set => _wanted = value; }

    /// <summary>It has been attached, and is not on its way out.</summary>
    public bool IsComplete { get; set; }

    /// <summary>An earlier Host has attached it: what its back-end says first is what the store has already.</summary>
    public bool IsRecalled { get; set; }

    /// <summary>What was opened for it.</summary>
    public DevicePlan? Plan { get; set; }

    /// <summary>The front-end's directory.</summary>
    public string FrontPath => $"/local/domain/{domain}/device/{address}";

    /// <summary>The back-end's directory.</summary>
    public string BackPath => $"/local/domain/0/backend/{_configuration.BackendClass}/{domain}/{address.Id}";

    /// <summary>The watch on the front-end's directory.</summary>
    public IDisposable? Watch { get; set; }

    /// <summary>Done when the back-end has closed, be it that it was asked to or not.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
