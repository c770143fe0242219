//! Training with burn: the only file that knows it.
//!
//! burn's own random numbers are not used anywhere: its seed belongs to the whole process.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Tensor, TensorData};

use super::batches::Batch;
use super::dense::{Dense, NEGATIVE_SLOPE};
use super::params::TrainingDevice;
use crate::ModelError;

/// The layers as burn holds them.
#[derive(Module, Debug)]
struct Layers {
    layers: Vec<Linear>,
}

impl Layers {
    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if index < last {
                x = leaky_relu(x, f64::from(NEGATIVE_SLOPE));
            }
        }
        x
    }
}

/// Layers in training, and the state of their optimizer.
pub(super) struct Trainer {
    device: Device,
    layers: Layers,
    adam: ModuleOptimizer,
}

impl Trainer {
    /// Starts from `layers`.
    pub(super) fn new(layers: &[Dense], device: TrainingDevice) -> Result<Self, ModelError> {
        let device = match device {
            TrainingDevice::Cpu => Device::flex(),
            #[cfg(feature = "wgpu")]
            TrainingDevice::Gpu => gpu()?,
        };
        let device = device.autodiff();
        let layers = layers
            .iter()
            .map(|layer| {
                let shape = [layer.inputs(), layer.outputs()];
                let weights = TensorData::new(layer.weights().to_vec(), shape);
                let bias = TensorData::new(layer.bias().to_vec(), [layer.outputs()]);
                Linear {
                    weight: Param::from_data(weights, &device),
                    bias: Some(Param::from_data(bias, &device)),
                }
            })
            .collect();
        Ok(Self {
            layers: Layers { layers },
            adam: AdamConfig::new().with_epsilon(1e-8).init(),
            device,
        })
    }

    /// One step of Adam down the mean squared error of `batch`. Takes and gives the trainer
    /// back, so that burn need not copy what it changes.
    pub(super) fn step(self, batch: Batch, learning_rate: f64) -> Self {
        let Self {
            device,
            layers,
            mut adam,
        } = self;
        let shape = [batch.rows, batch.input.len() / batch.rows];
        let input = Tensor::from_data(TensorData::new(batch.input, shape), &device);
        let target = Tensor::from_data(TensorData::new(batch.target, shape), &device);
        let loss = (layers.forward(input) - target).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &layers);
        Self {
            layers: adam.step(learning_rate, layers, gradients),
            device,
            adam,
        }
    }

    /// The layers as they are now, as plain numbers.
    pub(super) fn layers(&self) -> Vec<Dense> {
        self.layers
            .layers
            .iter()
            .map(|layer| {
                let weights = layer.weight.val();
                let [inputs, outputs] = weights.dims();
                let bias = match &layer.bias {
                    Some(bias) => numbers(bias.val()),
                    None => vec![0.0; outputs],
                };
                Dense::new(inputs, numbers(weights), bias).expect("burn keeps the shapes")
            })
            .collect()
    }
}

/// The graphics processor of this machine. burn brings one up once in a process.
#[cfg(feature = "wgpu")]
fn gpu() -> Result<Device, ModelError> {
    static FOUND: std::sync::OnceLock<Result<Device, String>> = std::sync::OnceLock::new();
    let bring_up = || {
        let found = Device::wgpu_options().init();
        found.map_err(|error| error.to_string())
    };
    FOUND
        .get_or_init(bring_up)
        .clone()
        .map_err(|reason| ModelError::NoDevice { reason })
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests {
    use super::super::initial::{self, Purpose};
    use super::super::network::{Network, Scratch};
    use super::*;

    #[test]
    fn our_kernel_answers_what_burn_answers() {
        for widths in [
            &[7, 3, 7][..],
            &[80, 40, 10, 40, 80],
            &[122, 61, 15, 61, 122],
        ] {
            let columns = widths[0];
            let means: Vec<f32> = (0..columns).map(|c| c as f32 / columns as f32).collect();
            let mut rng = initial::stream(7, Purpose::Weights);
            let start = initial::layers(widths, &means, &mut rng);
            let mut trainer = Trainer::new(&start, TrainingDevice::Cpu).unwrap();
            let input: Vec<f32> = (0..50 * columns)
                .map(|_| initial::unit(&mut rng) * 4.0 - 2.0)
                .collect();
            // A few steps, so that no weight is where it began.
            for _ in 0..5 {
                trainer = trainer.step(
                    Batch {
                        rows: 50,
                        input: input.clone(),
                        target: input.clone(),
                    },
                    0.01,
                );
            }
            let layers = trainer.layers();
            assert_ne!(layers, start);
            let tensor = TensorData::new(input.clone(), [50, columns]);
            let burns = numbers(
                trainer
                    .layers
                    .forward(Tensor::from_data(tensor, &trainer.device)),
            );
            let network = Network::new(layers).unwrap();
            let mut scratch = Scratch::default();
            let ours = network.forward(&input, &mut scratch);
            assert_eq!(ours.len(), burns.len());
            for (ours, burns) in ours.iter().zip(&burns) {
                assert!(
                    (ours - burns).abs() <= 1e-5 * burns.abs().max(1.0),
                    "{ours} {burns}"
                );
            }
        }
    }

    #[test]
    fn the_seed_that_burn_shares_with_the_whole_process_changes_nothing() {
        let mut rng = initial::stream(7, Purpose::Weights);
        let start = initial::layers(&[7, 3, 7], &[0.5; 7], &mut rng);
        let input: Vec<f32> = (0..70).map(|_| initial::unit(&mut rng)).collect();
        let trained = |seed: u64| {
            Device::flex().seed(seed);
            let mut trainer = Trainer::new(&start, TrainingDevice::Cpu).unwrap();
            for _ in 0..5 {
                let (input, target) = (input.clone(), input.clone());
                let rows = 10;
                let batch = Batch {
                    rows,
                    input,
                    target,
                };
                trainer = trainer.step(batch, 0.01);
            }
            trainer.layers()
        };
        let first = trained(1);
        assert_ne!(first, start);
        assert_eq!(trained(2), first);
    }

    #[test]
    #[cfg(feature = "wgpu")]
    fn a_graphics_processor_takes_the_steps_that_the_cpu_takes() {
        let mut rng = initial::stream(7, Purpose::Weights);
        let start = initial::layers(&[40, 16, 40], &[0.5; 40], &mut rng);
        let input: Vec<f32> = (0..40 * 32).map(|_| initial::unit(&mut rng)).collect();
        let trained = |device| -> Result<Vec<Dense>, ModelError> {
            let mut trainer = Trainer::new(&start, device)?;
            for _ in 0..5 {
                let (input, target) = (input.clone(), input.clone());
                let rows = 32;
                let batch = Batch {
                    rows,
                    input,
                    target,
                };
                trainer = trainer.step(batch, 0.01);
            }
            Ok(trainer.layers())
        };
        let on_cpu = trained(TrainingDevice::Cpu).unwrap();
        let on_gpu = match trained(TrainingDevice::Gpu) {
            Err(ModelError::NoDevice { reason }) => return println!("skipped: {reason}"),
            trained => trained.unwrap(),
        };
        assert_ne!(on_cpu, start);
        for (cpu, gpu) in on_cpu.iter().zip(&on_gpu) {
            let pairs = cpu.weights().iter().zip(gpu.weights());
            for (cpu, gpu) in pairs.chain(cpu.bias().iter().zip(gpu.bias())) {
                assert!((cpu - gpu).abs() < 1e-3, "{cpu} {gpu}");
            }
        }
    }
}
